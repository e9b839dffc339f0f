package dev.sheaf.sandbox.kafka;

import dev.sheaf.sandbox.process.Distribution;
import dev.sheaf.sandbox.process.JavaCommand;
import dev.sheaf.sandbox.process.Lifetime;
import dev.sheaf.sandbox.process.Ports;
import dev.sheaf.sandbox.process.SandboxException;
import dev.sheaf.sandbox.process.ServerProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A real Kafka broker on 127.0.0.1, in a JVM of its own: Kafka 3.9.1 in KRaft mode, broker and
 * controller in one process, every topic with one replica.
 *
 * <p>Its folder holds the settings ({@code server.properties}), the data, the log ({@code
 * broker.log}) and the pid file. A broker that is killed or stopped comes back on the same port
 * with the same data. Topics are made when first used, with one partition unless told otherwise.
 *
 * <pre>{@code
 * try (KafkaBroker broker = KafkaBroker.in(folder).withPartitions(4).start()) {
 *   properties.put("bootstrap.servers", broker.bootstrapServers());
 *   broker.kill();
 *   broker.restart();
 * }
 * }</pre>
 *
 * <p>The jars are Kafka's own, fetched by Maven when first needed; see {@link Distribution}.
 */
public final class KafkaBroker implements AutoCloseable {
  private static final String NAME = "broker";
  private static final Duration START_LIMIT = Duration.ofMinutes(3);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(30);

  private final BrokerFolder folder;
  private final BrokerFolder.Settings settings;
  private final Lifetime lifetime;
  private ServerProcess process;

  private KafkaBroker(
      BrokerFolder folder,
      BrokerFolder.Settings settings,
      Lifetime lifetime,
      ServerProcess process) {
    this.folder = folder;
    this.settings = settings;
    this.lifetime = lifetime;
    this.process = process;
  }

  /** A broker that keeps everything in a folder, made if it is missing. */
  public static Builder in(Path folder) {
    return new Builder(folder);
  }

  /** The broker that runs in a folder, started by whatever process; empty if none does. */
  public static Optional<KafkaBroker> find(Path folder) {
    BrokerFolder place = new BrokerFolder(folder.toAbsolutePath());
    return ServerProcess.find(place.path(), NAME)
        .map(process -> new KafkaBroker(place, place.read(), Lifetime.UNTIL_STOPPED, process));
  }

  /** What a client is given as {@code bootstrap.servers}: {@code 127.0.0.1:PORT}. */
  public String bootstrapServers() {
    return "127.0.0.1:" + settings.port();
  }

  public int port() {
    return settings.port();
  }

  /** The number of the process that is, or last was, the broker. */
  public long pid() {
    return process.pid();
  }

  /** The broker's own log. */
  public Path log() {
    return process.log();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** Ends the broker at once, as {@code kill -9} does. */
  public void kill() {
    process.kill();
  }

  /** Lets the broker finish what it does and end. One that is down is left alone. */
  public void stop() {
    process.stop(STOP_LIMIT);
  }

  /**
   * Starts the broker again, on the same port with the same data; stops it first if it runs. After
   * a kill this takes some seconds longer: the controller waits until it takes the old one for
   * dead.
   */
  public void restart() {
    stop();
    process = run(folder, settings, lifetime);
  }

  /** Stops the broker; the folder stays. */
  @Override
  public void close() {
    stop();
  }

  private static ServerProcess run(
      BrokerFolder folder, BrokerFolder.Settings settings, Lifetime lifetime) {
    Ports.requireFree(settings.port());
    String classPath = Distribution.named("kafka").classPath();
    folder.format(classPath);
    List<String> options = new ArrayList<>(BrokerFolder.JVM_OPTIONS);
    options.add("-Xmx" + settings.heap() + "m");
    ServerProcess process =
        ServerProcess.start(
            folder.path(),
            NAME,
            new JavaCommand(
                "kafka.Kafka", classPath, options, List.of(folder.properties().toString())),
            lifetime);
    try {
      process.await("ready", () -> process.says("Kafka Server started"), START_LIMIT);
    } catch (SandboxException e) {
      process.kill();
      throw e;
    }
    return process;
  }

  /** What a broker is started with. */
  public static final class Builder {
    private final BrokerFolder folder;
    private int port;
    private int partitions = 1;
    private int heap = 256;
    private Lifetime lifetime = Lifetime.OF_THIS_JVM;

    private Builder(Path folder) {
      this.folder = new BrokerFolder(folder.toAbsolutePath());
    }

    /** The port to listen on; unless given, the one that the folder had before, or a free one. */
    public Builder withPort(int newPort) {
      if (newPort < 1 || newPort > 65_535) {
        throw new IllegalArgumentException(
            "cannot listen on port " + newPort + ": a port is 1 to 65535");
      }
      port = newPort;
      return this;
    }

    /** Partitions of a topic that is made when first used; 1 by default. */
    public Builder withPartitions(int count) {
      if (count < 1) {
        throw new IllegalArgumentException(
            "cannot make topics of " + count + " partitions: at least 1 is needed");
      }
      partitions = count;
      return this;
    }

    /** The broker's heap in MiB; 256 by default, at least 128. */
    public Builder withHeap(int mebibytes) {
      if (mebibytes < 128) {
        throw new IllegalArgumentException(
            "cannot run a broker with a heap of " + mebibytes + " MiB: at least 128 are needed");
      }
      heap = mebibytes;
      return this;
    }

    /** How long it lives if nobody stops it; by default it ends with this JVM. */
    public Builder withLifetime(Lifetime newLifetime) {
      lifetime = newLifetime;
      return this;
    }

    /**
     * Starts the broker and waits until it takes requests. Gives the one that runs in the folder,
     * with its own settings, if there is one.
     *
     * @throws SandboxException if the port is taken, the jars cannot be had or the broker fails
     */
    public KafkaBroker start() {
      return find(folder.path()).orElseGet(this::startNew);
    }

    private KafkaBroker startNew() {
      int chosen = port != 0 ? port : folder.port().orElseGet(Ports::free);
      BrokerFolder.Settings settings =
          new BrokerFolder.Settings(chosen, Ports.freeBut(List.of(chosen)), partitions, heap);
      folder.write(settings);
      return new KafkaBroker(folder, settings, lifetime, run(folder, settings, lifetime));
    }
  }
}
