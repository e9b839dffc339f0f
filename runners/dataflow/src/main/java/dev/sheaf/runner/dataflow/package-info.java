/**
 * The pipelines as Dataflow jobs: submitted, translated without Google, or launched by a template.
 */
@NullMarked
package dev.sheaf.runner.dataflow;

import org.jspecify.annotations.NullMarked;
