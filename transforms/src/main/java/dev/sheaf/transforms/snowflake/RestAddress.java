package dev.sheaf.transforms.snowflake;

import java.io.Serializable;
import java.net.URI;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where the service's REST requests go, and whose they are.
 *
 * @param base the scheme, host and port of the JDBC URL
 * @param account the account that tokens are signed for: the URL's, else the host's first label
 */
record RestAddress(URI base, String account, String user) implements Serializable {
  private static final Pattern URL =
      Pattern.compile("jdbc:snowflake://([^/?:]+)(?::(\\d{1,5}))?/?(?:\\?(.*))?");
  private static final Pattern PARAMETER = Pattern.compile("(?:^|&)([^=&]+)=([^&]*)");

  static RestAddress of(SnowflakeConnection connection) {
    Matcher url = URL.matcher(connection.url());
    if (!url.matches() || connection.user().isEmpty()) {
      throw new IllegalArgumentException(
          "Cannot call the service for "
              + connection
              + ": a URL with a host and a user are required.");
    }
    String host = url.group(1);
    String scheme = "https";
    String account = host.substring(0, (host + ".").indexOf('.'));
    Matcher parameter = PARAMETER.matcher(url.group(3) == null ? "" : url.group(3));
    while (parameter.find()) {
      String name = parameter.group(1).toLowerCase(Locale.ROOT);
      String value = parameter.group(2);
      if (name.equals("ssl") && (value.equals("off") || value.equals("false"))) {
        scheme = "http";
      } else if (name.equals("account")) {
        account = value;
      }
    }
    String port = url.group(2) == null ? "" : ":" + url.group(2);
    return new RestAddress(
        URI.create(scheme + "://" + host + port),
        account.toUpperCase(Locale.ROOT),
        connection.user().orElseThrow().toUpperCase(Locale.ROOT));
  }
}
