package dev.sheaf.sandbox.snowflake.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.time.Clock;
import java.util.Base64;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Who may log in, and with what: a password or a key pair. Names have no case. */
public final class Users {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, String> passwords = new HashMap<>();
  private final Map<String, PublicKey> keys = new HashMap<>();

  /** Adds a user with a password. */
  public void add(String name, String password) {
    passwords.put(key(name), password);
  }

  /** Adds a user with a public key. */
  public void add(String name, PublicKey key) {
    keys.put(key(name), key);
  }

  /** Adds the users of another list. */
  public void addAll(Users others) {
    passwords.putAll(others.passwords);
    keys.putAll(others.keys);
  }

  public boolean isEmpty() {
    return passwords.isEmpty() && keys.isEmpty();
  }

  private static String key(String name) {
    return name.toUpperCase(Locale.ROOT);
  }

  boolean isPassword(String name, String password) {
    String expected = passwords.get(key(name));
    byte[] given = password.getBytes(StandardCharsets.UTF_8);
    byte[] wanted = expected == null ? new byte[0] : expected.getBytes(StandardCharsets.UTF_8);
    return MessageDigest.isEqual(given, wanted) && expected != null;
  }

  /** The user whom a signed token (RS256) names and whose key has signed it, or null. */
  @Nullable String tokenUser(String token, Clock clock) {
    String[] parts = token.split("\\.", -1);
    if (parts.length != 3) {
      return null;
    }
    try {
      JsonNode header = JSON.readTree(Base64.getUrlDecoder().decode(parts[0]));
      JsonNode claims = JSON.readTree(Base64.getUrlDecoder().decode(parts[1]));
      String subject = claims.path("sub").asText();
      String user = subject.substring(subject.indexOf('.') + 1);
      PublicKey key = keys.get(key(user));
      boolean fresh = claims.path("exp").asLong(0) > clock.instant().getEpochSecond();
      if (key == null || !fresh || !header.path("alg").asText().equals("RS256")) {
        return null;
      }
      Signature signature = Signature.getInstance("SHA256withRSA");
      signature.initVerify(key);
      signature.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
      return signature.verify(Base64.getUrlDecoder().decode(parts[2])) ? user : null;
    } catch (IOException | IllegalArgumentException | GeneralSecurityException e) {
      return null;
    }
  }
}
