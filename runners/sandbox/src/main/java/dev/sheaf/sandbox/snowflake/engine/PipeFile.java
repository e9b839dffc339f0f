package dev.sheaf.sandbox.snowflake.engine;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What has become of a file that a pipe was given.
 *
 * @param mark grows from one ended file to the next
 * @param status LOADED, PARTIALLY_LOADED or LOAD_FAILED
 * @param systemError what is wrong beyond the file's records, such as a table that is gone
 */
public record PipeFile(
    long mark,
    String path,
    String status,
    String stageLocation,
    long fileSize,
    Instant received,
    Instant inserted,
    long rowsParsed,
    long rowsInserted,
    long errorsSeen,
    @Nullable String firstError,
    @Nullable Long firstErrorLine,
    @Nullable String firstErrorColumn,
    @Nullable String systemError) {}
