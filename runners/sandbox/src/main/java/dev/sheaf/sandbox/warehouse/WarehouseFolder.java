package dev.sheaf.sandbox.warehouse;

import dev.sheaf.sandbox.process.SandboxException;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Properties;

/**
 * What a warehouse keeps on disk.
 *
 * @param path the folder
 */
record WarehouseFolder(Path path) {
  private static final String PEM_BEGIN = "-----BEGIN PRIVATE KEY-----\n";
  private static final String PEM_END = "\n-----END PRIVATE KEY-----\n";

  /**
   * @param port to listen on
   * @param memory DuckDB's limit in MB
   * @param heap of the JVM in MiB
   * @param pipeDelayMillis that a file waits in a pipe
   */
  record Settings(int port, int memory, int heap, long pipeDelayMillis) {}

  Path database() {
    return path.resolve("warehouse.duckdb");
  }

  Path passwordFile() {
    return path.resolve("password");
  }

  Path privateKeyFile() {
    return path.resolve("rsa_key.p8");
  }

  private Path properties() {
    return path.resolve("server.properties");
  }

  void write(Settings settings) {
    try {
      Files.createDirectories(path);
      Files.writeString(
          properties(),
          "port=%d\nmemory=%d\nheap=%d\npipeDelayMillis=%d\n"
              .formatted(
                  settings.port(), settings.memory(), settings.heap(), settings.pipeDelayMillis()));
      if (!Files.exists(passwordFile()) || !Files.exists(privateKeyFile())) {
        writeSecrets();
      }
    } catch (IOException e) {
      throw new SandboxException("cannot write to " + path + ": " + e, e);
    }
  }

  /** What its owner alone may read: the password, and the private key as PEM (PKCS#8). */
  private void writeSecrets() throws IOException {
    byte[] random = new byte[16];
    new SecureRandom().nextBytes(random);
    writeSecret(passwordFile(), HexFormat.of().formatHex(random));
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      byte[] key = generator.generateKeyPair().getPrivate().getEncoded();
      writeSecret(
          privateKeyFile(),
          PEM_BEGIN + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key) + PEM_END);
    } catch (GeneralSecurityException e) {
      throw new SandboxException("cannot make a key pair: " + e, e);
    }
  }

  private void writeSecret(Path file, String text) throws IOException {
    Files.deleteIfExists(file);
    if (Files.getFileStore(path).supportsFileAttributeView("posix")) {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }
    Files.writeString(file, text);
  }

  /** The public part of the key pair. */
  PublicKey publicKey() {
    try {
      String pem = Files.readString(privateKeyFile()).replace(PEM_BEGIN, "").replace(PEM_END, "");
      KeyFactory factory = KeyFactory.getInstance("RSA");
      PrivateKey key =
          factory.generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem)));
      if (!(key instanceof RSAPrivateCrtKey numbers)) {
        throw new SandboxException("cannot use " + privateKeyFile() + ": it names no public key");
      }
      return factory.generatePublic(
          new RSAPublicKeySpec(numbers.getModulus(), numbers.getPublicExponent()));
    } catch (IOException | GeneralSecurityException e) {
      throw new SandboxException("cannot read " + privateKeyFile() + ": " + e, e);
    }
  }

  String password() {
    try {
      return Files.readString(passwordFile());
    } catch (IOException e) {
      throw new SandboxException("cannot read " + passwordFile() + ": " + e, e);
    }
  }

  /** The port that the folder's warehouse had, if it had one. */
  Optional<Integer> port() {
    return Files.exists(properties()) ? Optional.of(read().port()) : Optional.empty();
  }

  Settings read() {
    Properties values = new Properties();
    try (Reader reader = Files.newBufferedReader(properties())) {
      values.load(reader);
      return new Settings(
          Integer.parseInt(values.getProperty("port")),
          Integer.parseInt(values.getProperty("memory")),
          Integer.parseInt(values.getProperty("heap")),
          Long.parseLong(values.getProperty("pipeDelayMillis")));
    } catch (IOException | NumberFormatException e) {
      throw new SandboxException(
          "cannot read " + properties() + ": it is not as a warehouse left it: " + e, e);
    }
  }
}
