package dev.sheaf.runner.expansion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.beam.model.expansion.v1.ExpansionApi;
import org.apache.beam.model.expansion.v1.ExpansionServiceGrpc;
import org.apache.beam.model.pipeline.v1.ExternalTransforms.SchemaTransformPayload;
import org.apache.beam.model.pipeline.v1.RunnerApi;
import org.apache.beam.model.pipeline.v1.SchemaApi;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.coders.RowCoder;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.SchemaTranslation;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.util.construction.PipelineTranslation;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.vendor.grpc.v1p69p0.com.google.protobuf.ByteString;
import org.apache.beam.vendor.grpc.v1p69p0.io.grpc.ManagedChannel;
import org.apache.beam.vendor.grpc.v1p69p0.io.grpc.ManagedChannelBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The service as a client of any language sees it: by gRPC alone. */
final class ExpansionServerIT {
  private static final String TRAIN = "beam:schematransform:dev.sheaf:train:v1";
  private static final String PAYLOAD = "beam:expansion:payload:schematransform:v1";
  private static final Schema SALES =
      Schema.builder()
          .addInt64Field("STORE")
          .addDoubleField("PRICE")
          .addDoubleField("SALES")
          .build();

  private static final InetSocketAddress ADDRESS = freeAddress();
  private static final ExpansionServer SERVER = server();
  private static final ManagedChannel CHANNEL =
      ManagedChannelBuilder.forTarget("127.0.0.1:" + ADDRESS.getPort()).usePlaintext().build();

  @TempDir private Path folder = Path.of("");

  private static InetSocketAddress freeAddress() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return new InetSocketAddress(socket.getInetAddress(), socket.getLocalPort());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static ExpansionServer server() {
    try {
      return ExpansionServer.start(ADDRESS, List.of("--alsoStartLoopbackWorker"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @AfterAll
  static void stop() {
    CHANNEL.shutdownNow();
    SERVER.close();
  }

  private static ExpansionServiceGrpc.ExpansionServiceBlockingStub client() {
    return ExpansionServiceGrpc.newBlockingStub(CHANNEL).withDeadlineAfter(1, TimeUnit.MINUTES);
  }

  @Test
  void discoversTheTransformsWithTheirParameters() {
    Map<String, ExpansionApi.SchemaTransformConfig> found = discovered();
    ExpansionApi.SchemaTransformConfig train = config(found, "train");
    assertEquals(List.of("input"), train.getInputPcollectionNamesList());
    assertEquals(List.of("ledger", "published"), train.getOutputPcollectionNamesList());
    assertEquals(
        List.of("model_store", "key", "label", "features"),
        train.getConfigSchema().getFieldsList().subList(0, 4).stream()
            .map(SchemaApi.Field::getName)
            .toList());
    assertEquals(List.of("output"), config(found, "run_inference").getOutputPcollectionNamesList());
    assertEquals(List.of(), config(found, "snowflake_read").getInputPcollectionNamesList());
    assertEquals(List.of(), config(found, "snowflake_write").getOutputPcollectionNamesList());
  }

  private static Map<String, ExpansionApi.SchemaTransformConfig> discovered() {
    return client()
        .discoverSchemaTransform(ExpansionApi.DiscoverSchemaTransformRequest.getDefaultInstance())
        .getSchemaTransformConfigsMap();
  }

  private static ExpansionApi.SchemaTransformConfig config(
      Map<String, ExpansionApi.SchemaTransformConfig> found, String name) {
    return Objects.requireNonNull(found.get("beam:schematransform:dev.sheaf:" + name + ":v1"));
  }

  @Test
  void expandsTraining() throws Exception {
    ExpansionApi.ExpansionResponse response =
        client().expand(request(TRAIN, configuration("linear")));
    assertEquals("", response.getError());
    Map<String, String> outputs = response.getTransform().getOutputsMap();
    assertEquals(Set.of("ledger", "published"), outputs.keySet());
    assertEquals(
        List.of("VERSION", "MODELS", "PROMOTED", "REJECTED", "KEPT"),
        columns(response, Objects.requireNonNull(outputs.get("published"))));
    assertTrue(
        response.getComponents().getTransformsMap().values().stream()
            .anyMatch(step -> step.getUniqueName().contains("/PublishModels/")));
  }

  @Test
  void workersAreAContainerOrThisProcess() throws Exception {
    ExpansionApi.ExpansionResponse response =
        client().expand(request(TRAIN, configuration("linear")));
    RunnerApi.Environment environment =
        response.getComponents().getEnvironmentsMap().values().stream()
            .filter(each -> each.getUrn().equals("beam:env:anyof:v1"))
            .findFirst()
            .orElseThrow();
    List<RunnerApi.Environment> choices =
        RunnerApi.AnyOfEnvironmentPayload.parseFrom(environment.getPayload()).getEnvironmentsList();
    assertEquals(
        List.of("beam:env:docker:v1", "beam:env:external:v1"),
        choices.stream().map(RunnerApi.Environment::getUrn).toList());
    assertEquals(
        "127.0.0.1:" + ADDRESS.getPort(),
        RunnerApi.ExternalPayload.parseFrom(choices.get(1).getPayload()).getEndpoint().getUrl());
  }

  @Test
  void aWrongParameterIsAnErrorOfTheAnswer() throws Exception {
    String error = client().expand(request(TRAIN, configuration("magic"))).getError();
    assertTrue(error.contains("trainer: cannot use trainer 'magic'"), error);
    String unknown = client().expand(request(TRAIN + "0", configuration("a"))).getError();
    assertTrue(unknown.contains(TRAIN + "0"), unknown);
  }

  @Test
  void listensOnTheLoopbackAddressAlone() throws Exception {
    List<InetAddress> others =
        NetworkInterface.networkInterfaces()
            .flatMap(NetworkInterface::inetAddresses)
            .filter(each -> !each.isLoopbackAddress())
            .toList();
    for (InetAddress other : others) {
      assertThrows(
          IOException.class,
          () -> {
            try (Socket socket = new Socket()) {
              socket.connect(new InetSocketAddress(other, ADDRESS.getPort()), 1000);
            }
          },
          other::toString);
    }
  }

  @Test
  void aTakenPortIsAnError() {
    assertThrows(IOException.class, () -> ExpansionServer.start(ADDRESS, List.of()));
  }

  /** Of the schema that the service tells; what is not given is NULL. */
  private Row configuration(String trainer) {
    Schema schema =
        SchemaTranslation.schemaFromProto(config(discovered(), "train").getConfigSchema());
    Map<String, Object> values =
        Map.of(
            "model_store",
            folder.toString(),
            "key",
            "STORE",
            "label",
            "SALES",
            "features",
            List.of("PRICE"),
            "trainer",
            trainer);
    Row.Builder row = Row.withSchema(schema);
    schema.getFieldNames().forEach(name -> row.addValue(values.get(name)));
    return row.build();
  }

  /** A transform on the rows of a pipeline, as a client would ask for it. */
  private static ExpansionApi.ExpansionRequest request(String identifier, Row configuration)
      throws IOException {
    Pipeline pipeline = Pipeline.create(PipelineOptionsFactory.create());
    pipeline.apply(
        "Sales",
        Create.of(Row.withSchema(SALES).addValues(1L, 2.0, 3.0).build()).withRowSchema(SALES));
    RunnerApi.Pipeline made = PipelineTranslation.toProto(pipeline);
    RunnerApi.PTransform sales =
        made.getComponents().getTransformsMap().values().stream()
            .filter(step -> step.getUniqueName().equals("Sales"))
            .findFirst()
            .orElseThrow();
    ByteArrayOutputStream row = new ByteArrayOutputStream();
    RowCoder.of(configuration.getSchema()).encode(configuration, row);
    SchemaTransformPayload payload =
        SchemaTransformPayload.newBuilder()
            .setIdentifier(identifier)
            .setConfigurationSchema(
                SchemaTranslation.schemaToProto(configuration.getSchema(), true))
            .setConfigurationRow(ByteString.copyFrom(row.toByteArray()))
            .build();
    return ExpansionApi.ExpansionRequest.newBuilder()
        .setComponents(made.getComponents())
        .setNamespace("test_")
        .setTransform(
            RunnerApi.PTransform.newBuilder()
                .setUniqueName("test/Train")
                .setSpec(
                    RunnerApi.FunctionSpec.newBuilder()
                        .setUrn(PAYLOAD)
                        .setPayload(payload.toByteString()))
                .putInputs("input", sales.getOutputsMap().values().iterator().next()))
        .build();
  }

  /** The columns of a collection, as its coder tells them to every language. */
  private static List<String> columns(ExpansionApi.ExpansionResponse response, String collection)
      throws IOException {
    RunnerApi.Components components = response.getComponents();
    RunnerApi.Coder coder =
        components.getCodersOrThrow(components.getPcollectionsOrThrow(collection).getCoderId());
    assertEquals("beam:coder:row:v1", coder.getSpec().getUrn());
    return SchemaApi.Schema.parseFrom(coder.getSpec().getPayload()).getFieldsList().stream()
        .map(SchemaApi.Field::getName)
        .toList();
  }
}
