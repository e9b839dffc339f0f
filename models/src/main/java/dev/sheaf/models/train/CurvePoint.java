package dev.sheaf.models.train;

/**
 * One point of a training curve.
 *
 * @param dataset {@code train}, or {@code evaluation} for the rows kept for early stopping
 * @param metric the library's own name of what is measured
 * @param iteration the round or epoch, from 1
 * @param value what was measured after it
 */
public record CurvePoint(String dataset, String metric, int iteration, double value) {}
