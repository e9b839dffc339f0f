package dev.sheaf.models.train;

/**
 * How much a model makes of one feature.
 *
 * @param feature the feature, or the part or category of it that the trainer saw, such as {@code
 *     DATE.day_of_week}
 * @param kind {@code gain} (the total improvement of the splits on it) or {@code split} (their
 *     number)
 * @param value how much
 */
public record FeatureImportance(String feature, String kind, double value) {}
