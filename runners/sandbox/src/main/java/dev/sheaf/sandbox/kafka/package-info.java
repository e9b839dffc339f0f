/** A real Kafka broker for one machine, in a JVM of its own. */
@NullMarked
package dev.sheaf.sandbox.kafka;

import org.jspecify.annotations.NullMarked;
