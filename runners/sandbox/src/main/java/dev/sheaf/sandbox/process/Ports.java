package dev.sheaf.sandbox.process;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports of 127.0.0.1.
 *
 * <p>Free ones are taken from below those that systems give to outgoing connections: a client that
 * knocks at the port of a server that is down could otherwise be given that very port, and the
 * server could not come back.
 */
public final class Ports {
  private static final int FIRST = 20_000;
  private static final int LAST = 32_000;
  private static final int TRIES = 1_000;
  private static final int CONNECT_MILLIS = 1_000;

  private Ports() {}

  /** A port that nobody listens on at this moment, between 20,000 and 32,000. */
  public static int free() {
    return freeBut(List.of());
  }

  /** As {@link #free}, and none of those that are spoken for. */
  public static int freeBut(Collection<Integer> spokenFor) {
    for (int i = 0; i < TRIES; i++) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, LAST);
      if (!spokenFor.contains(port) && isFree(port)) {
        return port;
      }
    }
    throw new SandboxException(
        "cannot find a free port: "
            + TRIES
            + " ports from "
            + FIRST
            + " to "
            + LAST
            + " are taken");
  }

  /**
   * Refuses a port that is none or is taken.
   *
   * @throws SandboxException if it is taken
   */
  public static int requireFree(int port) {
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException(
          "cannot listen on port " + port + ": a port is 1 to 65535");
    }
    if (!isFree(port)) {
      throw new SandboxException(
          "cannot listen on port " + port + " of 127.0.0.1: something else does");
    }
    return port;
  }

  /** Whether somebody takes connections at the port. */
  public static boolean answers(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(loopback(), port), CONNECT_MILLIS);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Whether nobody listens on the port at this moment. */
  public static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(loopback(), port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static InetAddress loopback() throws IOException {
    return InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
  }
}
