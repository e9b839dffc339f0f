package dev.sheaf.models.store;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.zip.CRC32;

/** What a store does with keys: checks them, names their files, picks their shard. */
public final class Keys {
  /**
   * Longest percent-encoded key that is kept whole; file names end at 255 bytes nearly anywhere.
   */
  private static final int WHOLE = 200;

  private static final int PREFIX = 100;
  private static final String ONNX = ".onnx";

  private Keys() {}

  /**
   * Refuses text that UTF-8 cannot hold: it would come back as another key.
   *
   * @throws IllegalArgumentException naming the place of an unpaired surrogate
   */
  public static void check(String key) {
    for (int i = 0; i < key.length(); i++) {
      char c = key.charAt(i);
      if (Character.isHighSurrogate(c)
          && i + 1 < key.length()
          && Character.isLowSurrogate(key.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(c)) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "cannot use a key that is not valid Unicode text: unpaired surrogate U+%04X at"
                    + " position %d",
                (int) c,
                i));
      }
    }
  }

  /** The name of a key's model in a zip: its {@link #fileName} and {@code .onnx}. */
  public static String entryName(String key) {
    return fileName(key) + ONNX;
  }

  /**
   * A name for a key that every file system takes: letters, digits, {@code _}, {@code -} and, but
   * for the first place, {@code .} as they are, every other byte of its UTF-8 as {@code %XX}. Names
   * over {@value #WHOLE} bytes keep their first {@value #PREFIX} or so and end in {@code ~} and the
   * key's SHA-256; the empty key is {@code ~empty}. No other name has a {@code ~}, so two keys
   * never share one.
   */
  public static String fileName(String key) {
    if (key.isEmpty()) {
      return "~empty";
    }
    StringBuilder name = new StringBuilder(key.length());
    for (byte b : key.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      if (isPlain(c) || (c == '.' && name.length() > 0)) {
        name.append(c);
      } else {
        name.append('%').append(hex(c >> 4)).append(hex(c & 0xf));
      }
    }
    if (name.length() > WHOLE) {
      int cut = PREFIX;
      for (int back = 1; back <= 2; back++) {
        if (name.charAt(PREFIX - back) == '%') {
          cut = PREFIX - back;
        }
      }
      name.setLength(cut);
      name.append('~').append(Digests.of(key));
    }
    return name.toString();
  }

  static int shardOf(String key, int shards) {
    CRC32 crc = new CRC32();
    crc.update(key.getBytes(StandardCharsets.UTF_8));
    // A checksum alone spreads keys that are alike badly over powers of two: the finalizer of
    // MurmurHash3 mixes its bits.
    int hash = (int) crc.getValue();
    hash = (hash ^ (hash >>> 16)) * 0x85ebca6b;
    hash = (hash ^ (hash >>> 13)) * 0xc2b2ae35;
    return Integer.remainderUnsigned(hash ^ (hash >>> 16), shards);
  }

  private static boolean isPlain(char c) {
    boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return letter || (c >= '0' && c <= '9') || c == '_' || c == '-';
  }

  private static char hex(int digit) {
    return Character.toUpperCase(Character.forDigit(digit, 16));
  }
}
