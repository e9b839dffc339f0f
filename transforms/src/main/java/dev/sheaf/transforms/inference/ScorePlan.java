package dev.sheaf.transforms.inference;

import dev.sheaf.transforms.failure.BadRows;
import java.io.Serializable;
import org.apache.beam.sdk.schemas.Schema;

/**
 * How rows are scored, as it travels to the workers.
 *
 * @param schema the rows'
 */
record ScorePlan(
    ScoreSettings settings,
    Schema schema,
    ModelChoice choice,
    Predictions predictions,
    BadRows badRows)
    implements Serializable {}
