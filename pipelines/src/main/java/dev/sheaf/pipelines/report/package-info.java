/** What a run reports: the summary as JSON and the table per key. */
@NullMarked
package dev.sheaf.pipelines.report;

import org.jspecify.annotations.NullMarked;
