package dev.sheaf.models.features;

import java.io.Serializable;

/**
 * A numeric column that a trainer sees.
 *
 * @param name what tables of results call it: {@code PRICE}, {@code STATE}, {@code STATE=CA},
 *     {@code DATE.day_of_week} or {@code DATE.day_of_week=7}
 * @param feature the feature that it is made of
 * @param categories if its values are codes of categories, how many: they are 0 to {@code
 *     categories - 1}; 0 if they are numbers or indicators
 */
public record EncodedColumn(String name, String feature, int categories) implements Serializable {}
