package dev.sheaf.models.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ExternalDataTest {
  private final Path folder;

  ExternalDataTest(@TempDir Path folder) {
    this.folder = folder;
  }

  /**
   * {@code y = x * weights} with three weights in another file, after 8 bytes of something else.
   */
  private static byte[] model(String location, String... more) {
    TensorProto.Builder weights =
        TensorProto.newBuilder()
            .setName("weights")
            .setDataType(TensorType.FLOAT.protoNumber())
            .addDims(3)
            .setDataLocation(TensorProto.DataLocation.EXTERNAL)
            .addExternalData(entry("location", location))
            .addExternalData(entry("offset", "8"));
    for (int i = 0; i < more.length; i += 2) {
      weights.addExternalData(entry(more[i], more[i + 1]));
    }
    return new Graph()
        .input("x", TensorType.FLOAT, "N", 3)
        .output("y", TensorType.FLOAT, "N", 3)
        .initializer(weights)
        .node("Mul", List.of("x", "weights"), "y")
        .bytes();
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }

  private Path write(byte[] model) throws IOException {
    Files.createDirectories(folder.resolve("model/data"));
    return Files.write(folder.resolve("model/model.onnx"), model);
  }

  private static byte[] weights() {
    ByteBuffer bytes = ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN);
    return bytes.putLong(42).putFloat(2).putFloat(3).putFloat(5).array();
  }

  private static float[] run(TensorSession session) {
    Tensor x = Tensor.of(new float[] {1, 10, 100}, 1, 3);
    return Objects.requireNonNull(session.run(Map.of("x", x)).get("y")).tensor().floats();
  }

  private static String failure(OnnxModel model) {
    return String.valueOf(
        assertThrows(OnnxFailure.class, () -> TensorSession.open(model)).getMessage());
  }

  @Test
  void weightsBesideTheModelAndInFoldersBelowAreRead() throws IOException {
    Path model = write(model("data/weights.bin"));
    Files.write(folder.resolve("model/data/weights.bin"), weights());
    for (String location : List.of(model.toString(), model.toUri().toString())) {
      try (TensorSession session = TensorSession.open(OnnxModel.at(location))) {
        assertArrayEquals(new float[] {2, 30, 500}, run(session));
        assertTrue(session.id().startsWith(location + "@"), session.id());
      }
    }
    assertTrue(Files.exists(folder.resolve("model/data/weights.bin")));
  }

  @Test
  void weightsOfAnotherFileSystemAreCopiedAndTheCopyIsDeleted() throws IOException {
    MemoryStoreFiles.put("memory:/models/a/model.onnx", model("data/weights.bin"));
    MemoryStoreFiles.put("memory:/models/a/data/weights.bin", weights());
    long before = copies();
    try (TensorSession session = TensorSession.open(OnnxModel.at("memory:/models/a/model.onnx"))) {
      assertArrayEquals(new float[] {2, 30, 500}, run(session));
      assertEquals(before + 1, copies());
    }
    assertEquals(before, copies());
  }

  private static long copies() throws IOException {
    try (var entries = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return entries
          .filter(path -> path.getFileName().toString().startsWith("sheaf-weights"))
          .count();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/etc/hostname",
        "../weights.bin",
        "data/../../weights.bin",
        "data//weights.bin",
        "./weights.bin",
        "..\\weights.bin",
        "C:weights.bin",
        "*/_ORT_MEM_ADDR_/*",
        ""
      })
  void aNameThatLeadsOutOfTheFolderIsRefused(String location) throws IOException {
    Files.write(folder.resolve("weights.bin"), weights());
    Path model = write(model(location));
    assertEquals(
        "cannot load external data: the tensor 'weights' lies at \""
            + location
            + "\"; valid are names of files in the model's folder, without .. and without a / at"
            + " the beginning",
        failure(OnnxModel.at(model.toString())));
  }

  @Test
  void aLinkOutOfTheFolderIsRefused() throws IOException {
    Path secret = Files.write(folder.resolve("secret.bin"), weights());
    Path model = write(model("data/weights.bin"));
    Files.createSymbolicLink(folder.resolve("model/data/weights.bin"), secret);
    assertEquals(
        "cannot load external data of "
            + model
            + ": \"data/weights.bin\" is a link out of the model's folder",
        failure(OnnxModel.at(model.toString())));
  }

  @Test
  void missingShortAndLargeFilesAreRefused() throws IOException {
    Path model = write(model("weights.bin"));
    OnnxModel onnx = OnnxModel.at(model.toString());
    String begin = "cannot load external data of " + model + ": ";
    assertEquals(begin + "there is no file \"weights.bin\" beside it", failure(onnx));
    Files.write(folder.resolve("model/weights.bin"), new byte[19]);
    assertEquals(begin + "\"weights.bin\" has 19 bytes, and the model reads 20", failure(onnx));
    Files.write(folder.resolve("model/weights.bin"), weights());
    assertEquals(
        begin + "it has 20 bytes or more, and the limit is 19",
        failure(onnx.withMaximumExternalBytes(19)));
    try (TensorSession session = TensorSession.open(onnx.withMaximumExternalBytes(20))) {
      assertArrayEquals(new float[] {2, 30, 500}, run(session));
    }
  }

  @Test
  void nonsenseNumbersAreRefused() throws IOException {
    Path model = write(model("weights.bin", "length", "twelve"));
    assertEquals(
        "cannot load external data: the tensor 'weights' has the length \"twelve\"; valid is a"
            + " whole number of bytes",
        failure(OnnxModel.at(model.toString())));
    write(model("weights.bin", "length", Long.toString(Long.MAX_VALUE)));
    assertEquals(
        "cannot load external data: the tensor 'weights' ends at a byte beyond any file",
        failure(OnnxModel.at(model.toString())));
    write(model("weights.bin", "length", "-1"));
    assertEquals(
        "cannot load external data: the tensor 'weights' has the length -1; valid are 0 and more"
            + " bytes",
        failure(OnnxModel.at(model.toString())));
  }

  @Test
  void bytesHaveNoFolder() {
    assertEquals(
        "cannot load external data [weights.bin] of a model given as bytes: it has no folder; use"
            + " OnnxModel.at(location)",
        failure(OnnxModel.ofBytes(model("weights.bin"))));
  }

  @Test
  void aMissingModelIsNamed() {
    Path model = folder.resolve("none.onnx");
    assertEquals(
        "cannot load the model " + model + ": there is no such file",
        failure(OnnxModel.at(model.toString())));
  }
}
