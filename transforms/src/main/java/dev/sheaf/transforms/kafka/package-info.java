/** Reads and writes Kafka topics as schema rows, at least once or exactly once. */
@NullMarked
package dev.sheaf.transforms.kafka;

import org.jspecify.annotations.NullMarked;
