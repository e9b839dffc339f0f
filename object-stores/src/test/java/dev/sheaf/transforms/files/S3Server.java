package dev.sheaf.transforms.files;

import java.net.URI;
import java.util.UUID;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.gaul.s3proxy.AuthenticationType;
import org.gaul.s3proxy.S3Proxy;
import org.jclouds.ContextBuilder;
import org.jclouds.blobstore.BlobStoreContext;
import org.jclouds.blobstore.TransientApiMetadata;

/** A server that speaks S3, with one bucket in memory, on a free port of this machine. */
final class S3Server implements AutoCloseable {
  private static final String BUCKET = "models";
  private static final String KEY_ID = "a-key";
  private static final String SECRET = "its-secret";

  private final BlobStoreContext objects;
  private final S3Proxy server;

  S3Server() throws Exception {
    objects =
        ContextBuilder.newBuilder(new TransientApiMetadata())
            .credentials("nobody", "nothing")
            .buildView(BlobStoreContext.class);
    objects.getBlobStore().createContainerInLocation(null, BUCKET);
    server =
        S3Proxy.builder()
            .blobStore(objects.getBlobStore())
            .endpoint(URI.create("http://127.0.0.1:0"))
            .awsAuthentication(AuthenticationType.AWS_V4, KEY_ID, SECRET)
            // Beam names a bucket's encryption key, even where there is none.
            .ignoreUnknownHeaders(true)
            .build();
    server.start();
  }

  /** The options of a pipeline that uses the server, as a command line gives them. */
  PipelineOptions options() {
    return PipelineOptionsFactory.fromArgs(
            "--awsRegion=us-east-1",
            "--endpoint=http://127.0.0.1:" + server.getPort(),
            "--awsCredentialsProvider={\"@type\":\"StaticCredentialsProvider\",\"accessKeyId\":\""
                + KEY_ID
                + "\",\"secretAccessKey\":\""
                + SECRET
                + "\"}",
            "--httpClientConfiguration={\"connectionTimeout\":5000,\"socketTimeout\":20000}")
        .create();
  }

  /** A place in the bucket that nobody else uses. */
  String place() {
    return "s3://" + BUCKET + "/" + UUID.randomUUID();
  }

  /** Lets the server answer everything from now on with an error of its own, as a busy one does. */
  void fail() {
    server.setBlobStoreLocator(
        (identity, bucket, object) -> {
          throw new IllegalStateException("the server fails, as it was told to");
        });
  }

  /** Ends the server, as an outage does. */
  void stop() {
    try {
      server.stop();
    } catch (Exception e) {
      throw new IllegalStateException("the S3 server does not stop", e);
    }
  }

  @Override
  public void close() {
    try {
      stop();
    } finally {
      objects.close();
    }
  }
}
