package dev.sheaf.runner.direct;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Random;

/**
 * Monthly orders of 10 stores for 50 products over 60 months: a trend, a season, and an effect of
 * the store and of the product, with noise. The same rows every time.
 */
final class GeneratedSales {
  static final String TABLE = "SALES";

  private static final int STORES = 10;
  private static final int PRODUCTS = 50;
  private static final int FIRST_YEAR = 2020;
  private static final int MONTHS = 60;
  private static final long SEED = 20200101L;

  private GeneratedSales() {}

  /** Writes the table as CSV with a header; columns as in {@code SALES}. */
  static void writeTo(Path file) {
    Random random = new Random(SEED);
    double[] productLevel = random.doubles(PRODUCTS, 100, 250).toArray();
    try (BufferedWriter out = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
      out.write("PRODUCT_ID,STORE_ID,ORDER_QUARTER,ORDER_MONTH,ORDER_YEAR,TOTAL_ORDERS\n");
      for (int store = 1; store <= STORES; store++) {
        double storeLevel = 0.6 + 0.1 * store;
        double growthPerMonth = 0.002 + 0.001 * (store % 4);
        for (int product = 1; product <= PRODUCTS; product++) {
          for (int month = 0; month < MONTHS; month++) {
            double season = 1 + 0.25 * Math.sin(2 * Math.PI * (month % 12 - 3) / 12);
            double noise = 1 + 0.05 * random.nextGaussian();
            double trend = 1 + growthPerMonth * month;
            double mean = productLevel[product - 1] + 8.0 * product;
            long orders = Math.round(mean * storeLevel * trend * season * noise);
            int inYear = month % 12;
            out.write(
                String.format(
                    Locale.ROOT,
                    "%d,%d,%d,%d,%d,%d\n",
                    product,
                    store,
                    inYear / 3 + 1,
                    inYear + 1,
                    FIRST_YEAR + month / 12,
                    Math.max(0, orders)));
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the generated table to " + file, e);
    }
  }
}
