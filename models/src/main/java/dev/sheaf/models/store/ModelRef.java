package dev.sheaf.models.store;

import java.io.Serializable;

/**
 * Points at one stored model; equal references are the same bytes.
 *
 * @param version the version it lies in
 * @param key what it is for
 * @param digest the SHA-256 of its bytes
 * @param bytes its size
 */
public record ModelRef(VersionId version, String key, String digest, long bytes)
    implements Serializable {}
