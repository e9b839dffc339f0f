package dev.sheaf.models.trees;

/**
 * How much one feature did in the trees that predict.
 *
 * @param feature the feature's place, from 0
 * @param splits the number of splits on it
 * @param gain the sum of those splits' gains as the library counts them; 0 if the file has none
 */
public record Importance(int feature, long splits, double gain) {}
