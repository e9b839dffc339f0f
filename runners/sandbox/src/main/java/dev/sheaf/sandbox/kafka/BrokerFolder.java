package dev.sheaf.sandbox.kafka;

import dev.sheaf.sandbox.process.JavaCommand;
import dev.sheaf.sandbox.process.Lifetime;
import dev.sheaf.sandbox.process.SandboxException;
import dev.sheaf.sandbox.process.ServerProcess;
import java.io.IOException;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.UUID;

/**
 * What a broker keeps on disk.
 *
 * @param path the folder
 */
record BrokerFolder(Path path) {
  static final List<String> JVM_OPTIONS =
      List.of(
          "-XX:+UseSerialGC",
          "-XX:-UsePerfData",
          "-XX:+ExitOnOutOfMemoryError",
          "-Dorg.slf4j.simpleLogger.showDateTime=true",
          "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
          "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaConfig=warn");

  private static final Duration FORMAT_LIMIT = Duration.ofMinutes(2);
  private static final String HEAP = "sheaf.heap.mebibytes"; // Kafka warns of it and goes on.

  /**
   * @param port of the clients
   * @param controllerPort of the controller, which the broker alone talks to
   * @param partitions of a topic made when first used
   * @param heap in MiB
   */
  record Settings(int port, int controllerPort, int partitions, int heap) {}

  Path properties() {
    return path.resolve("server.properties");
  }

  private Path data() {
    return path.resolve("data");
  }

  void write(Settings settings) {
    String text =
        """
        %s=%d
        process.roles=broker,controller
        node.id=1
        controller.quorum.voters=1@127.0.0.1:%d
        listeners=CLIENTS://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d
        advertised.listeners=CLIENTS://127.0.0.1:%d
        listener.security.protocol.map=CLIENTS:PLAINTEXT,CONTROLLER:PLAINTEXT
        inter.broker.listener.name=CLIENTS
        controller.listener.names=CONTROLLER
        log.dirs=%s
        num.partitions=%d
        # One broker holds everything.
        offsets.topic.replication.factor=1
        offsets.topic.num.partitions=4
        transaction.state.log.replication.factor=1
        transaction.state.log.min.isr=1
        transaction.state.log.num.partitions=4
        group.initial.rebalance.delay.ms=0
        # Out of the heap; 128 MiB by default.
        log.cleaner.dedupe.buffer.size=16777216
        # A broker that was killed may come back after this time.
        broker.session.timeout.ms=4000
        broker.heartbeat.interval.ms=500
        """
            .formatted(
                HEAP,
                settings.heap(),
                settings.controllerPort(),
                settings.port(),
                settings.controllerPort(),
                settings.port(),
                data().toString().replace("\\", "\\\\"),
                settings.partitions());
    try {
      Files.createDirectories(path);
      Files.writeString(properties(), text);
    } catch (IOException e) {
      throw new SandboxException("cannot write " + properties() + ": " + e, e);
    }
  }

  /** The port that the folder's broker had, if it had one. */
  Optional<Integer> port() {
    return Files.exists(properties()) ? Optional.of(read().port()) : Optional.empty();
  }

  Settings read() {
    Properties values = new Properties();
    try (Reader reader = Files.newBufferedReader(properties())) {
      values.load(reader);
      String[] listeners = values.getProperty("listeners", "").split(",", -1);
      return new Settings(
          portOf(listeners[0]),
          portOf(listeners[1]),
          Integer.parseInt(values.getProperty("num.partitions")),
          Integer.parseInt(values.getProperty(HEAP)));
    } catch (IOException | IndexOutOfBoundsException | NumberFormatException e) {
      throw new SandboxException(
          "cannot read " + properties() + ": it is not as a broker left it: " + e, e);
    }
  }

  private static int portOf(String listener) {
    return Integer.parseInt(listener.substring(listener.lastIndexOf(':') + 1));
  }

  /** Prepares the data's folder, as Kafka asks for, unless it is. */
  void format(String classPath) {
    if (Files.exists(data().resolve("meta.properties"))) {
      return;
    }
    UUID id = UUID.randomUUID();
    byte[] bytes =
        ByteBuffer.allocate(2 * Long.BYTES)
            .putLong(id.getMostSignificantBits())
            .putLong(id.getLeastSignificantBits())
            .array();
    String clusterId = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    ServerProcess format =
        ServerProcess.start(
            path,
            "format",
            new JavaCommand(
                "kafka.tools.StorageTool",
                classPath,
                List.of("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
                List.of("format", "--cluster-id=" + clusterId, "--config=" + properties())),
            Lifetime.OF_THIS_JVM);
    if (!format.awaitEnd(FORMAT_LIMIT)) {
      format.kill();
    }
    if (!Files.exists(data().resolve("meta.properties"))) {
      throw new SandboxException("cannot format " + data() + " for Kafka: see " + format.log());
    }
  }
}
