package dev.sheaf.transforms.snowflake;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.RSAPublicKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Locale;

/**
 * A token signed by the user's key, as Snowflake's REST interfaces take it: RS256 over {@code iss}
 * (account, user and the public key's SHA-256), {@code sub}, {@code iat} and {@code exp}.
 *
 * @param end when it is no longer used; the service takes it five minutes longer, an hour in all
 */
record PipeToken(String text, Instant end) {
  private static final Duration LIFE = Duration.ofMinutes(59);
  private static final Duration MARGIN = Duration.ofMinutes(5);

  static PipeToken sign(String account, String user, PrivateKey key, Instant now) {
    try {
      String subject = account + "." + user;
      String fingerprint =
          Base64.getEncoder()
              .encodeToString(
                  MessageDigest.getInstance("SHA-256").digest(publicKey(key).getEncoded()));
      String claims =
          String.format(
              Locale.ROOT,
              "{\"iss\":\"%s.SHA256:%s\",\"sub\":\"%s\",\"iat\":%d,\"exp\":%d}",
              subject,
              fingerprint,
              subject,
              now.getEpochSecond(),
              now.plus(LIFE).getEpochSecond());
      String signed = encoded("{\"alg\":\"RS256\",\"typ\":\"JWT\"}") + "." + encoded(claims);
      Signature signature = Signature.getInstance("SHA256withRSA");
      signature.initSign(key);
      signature.update(signed.getBytes(StandardCharsets.US_ASCII));
      String text =
          signed + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signature.sign());
      return new PipeToken(text, now.plus(LIFE).minus(MARGIN));
    } catch (GeneralSecurityException e) {
      throw new SnowflakeException(
          SnowflakeException.Kind.AUTHENTICATION,
          "Cannot sign a token for user "
              + user
              + ": "
              + SnowflakeException.oneLine(e.getMessage()),
          e);
    }
  }

  private static PublicKey publicKey(PrivateKey key) throws GeneralSecurityException {
    if (key instanceof RSAPrivateCrtKey rsa) {
      return KeyFactory.getInstance("RSA")
          .generatePublic(new RSAPublicKeySpec(rsa.getModulus(), rsa.getPublicExponent()));
    }
    throw new GeneralSecurityException("the private key must be RSA, found " + key.getAlgorithm());
  }

  private static String encoded(String json) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(json.getBytes(StandardCharsets.UTF_8));
  }
}
