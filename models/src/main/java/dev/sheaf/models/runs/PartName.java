package dev.sheaf.models.runs;

import dev.sheaf.models.store.VersionId;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names a part so that names sort as the parts were written: by attempt, then by time.
 *
 * <p>Attempts come first because the clocks of two machines may differ: what a re-run writes is
 * later than anything written before it.
 *
 * @param attempt the attempt that wrote it
 * @param text {@code 000002-20261120T235110.123Z-4f1c2a9be07d-000017.zip}: attempt, time, writer,
 *     and the writer's own count
 */
record PartName(int attempt, String text) implements Comparable<PartName> {
  static final int LAST_ATTEMPT = 999_999;

  private static final Pattern TEXT =
      Pattern.compile("([0-9]{6})-[0-9]{8}T[0-9]{6}\\.[0-9]{3}Z-[0-9a-f]{12}-[0-9]{6,9}\\.zip");

  static PartName of(int attempt, Instant time, String writer, int count) {
    return new PartName(
        attempt,
        String.format(
            Locale.ROOT, "%06d-%s-%s-%06d.zip", attempt, VersionId.at(time), writer, count));
  }

  /** Reads a file's name; empty if it is not a part's. */
  static Optional<PartName> parse(String file) {
    Matcher matcher = TEXT.matcher(file);
    return matcher.matches()
        ? Optional.of(new PartName(Integer.parseInt(matcher.group(1)), file))
        : Optional.empty();
  }

  @Override
  public int compareTo(PartName other) {
    return text.compareTo(other.text);
  }

  @Override
  public String toString() {
    return text;
  }
}
