package dev.sheaf.runner.expansion;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.beam.fn.harness.ExternalWorkerService;
import org.apache.beam.runners.fnexecution.artifact.ArtifactRetrievalService;
import org.apache.beam.sdk.expansion.service.ExpansionService;
import org.apache.beam.sdk.expansion.service.ExpansionServiceOptions;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.vendor.grpc.v1p69p0.io.grpc.Server;
import org.apache.beam.vendor.grpc.v1p69p0.io.grpc.netty.NettyServerBuilder;

/**
 * Beam's expansion service on one address, without a word to anyone else: it has no authentication,
 * and who reaches it can read what this process can read.
 *
 * <p>It answers expansion and discovery requests and hands out the jars that workers need. With
 * {@code --alsoStartLoopbackWorker} it runs the expanded transforms itself, so that a pipeline of
 * another language runs on this machine without Docker.
 */
final class ExpansionServer implements AutoCloseable {
  private static final int LARGEST_MESSAGE_BYTES = 256 << 20;

  static {
    PipelineOptionsFactory.register(ExpansionServiceOptions.class);
  }

  private final Server server;

  private ExpansionServer(Server server) {
    this.server = server;
  }

  /**
   * Starts to listen.
   *
   * @param address with a port of its own: transforms name it to the runner
   * @param arguments Beam's options of the service, such as {@code --filesToStage}
   * @throws IOException when the port is taken
   * @throws IllegalArgumentException when an option is unknown
   */
  static ExpansionServer start(InetSocketAddress address, List<String> arguments)
      throws IOException {
    PipelineOptions options =
        PipelineOptionsFactory.fromArgs(arguments.toArray(String[]::new)).create();
    String endpoint = address.getAddress().getHostAddress() + ":" + address.getPort();
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(address)
            .maxInboundMessageSize(LARGEST_MESSAGE_BYTES)
            .addService(new ExpansionService(options, endpoint))
            .addService(new ArtifactRetrievalService());
    if (options.as(ExpansionServiceOptions.class).getAlsoStartLoopbackWorker()) {
      builder.addService(new ExternalWorkerService(options));
    }
    return new ExpansionServer(builder.build().start());
  }

  void awaitEnd() throws InterruptedException {
    server.awaitTermination();
  }

  @Override
  public void close() {
    server.shutdownNow();
    try {
      server.awaitTermination(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
