package dev.sheaf.models.features;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.table.CalendarPart;
import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.FeatureType;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.table.TableSchema;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.time.temporal.IsoFields;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.UniqueElements;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CalendarTest {
  private static final long FIRST_DAY = LocalDate.of(1, 1, 1).toEpochDay();
  private static final long LAST_DAY = LocalDate.of(9999, 12, 31).toEpochDay();
  private static final List<CalendarPart> ALL = List.of(CalendarPart.values());

  private static TableSchema schema(FeatureType type, List<CalendarPart> parts) {
    return new TableSchema(List.of(new Feature("T", type, parts)), "Y");
  }

  private static RowBlock rows(TableSchema schema, double... values) {
    RowBlock.Builder builder = RowBlock.builder(schema);
    for (double value : values) {
      builder.append(new double[] {value}, 0, 0, 0);
    }
    return builder.build();
  }

  private static double[][] inJava(FeatureType type, List<CalendarPart> parts, double... values) {
    return Encoding.parts(new Feature("T", type, parts), values);
  }

  private static double[][] inGraph(
      FeatureType type, List<CalendarPart> parts, int batch, double... values) {
    TableSchema schema = schema(type, parts);
    RowBlock rows = rows(schema, values);
    Encoding encoding = Encoding.ordinal(schema, rows);
    byte[] onnx = GraphColumns.onnx(schema, parts.size(), encoding::write);
    return GraphColumns.run(onnx, schema, rows, batch);
  }

  private static double expected(CalendarPart part, LocalDateTime time) {
    return switch (part) {
      case YEAR -> time.getYear();
      case QUARTER -> time.get(IsoFields.QUARTER_OF_YEAR);
      case MONTH -> time.getMonthValue();
      case WEEK -> time.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR);
      case DAY_OF_MONTH -> time.getDayOfMonth();
      case DAY_OF_WEEK -> time.getDayOfWeek().getValue();
      case DAY_OF_YEAR -> time.getDayOfYear();
      case HOUR -> time.getHour();
      case MINUTE -> time.getMinute();
      case DAYS -> time.toLocalDate().toEpochDay();
    };
  }

  private static double[][] expected(List<CalendarPart> parts, List<LocalDateTime> times) {
    double[][] columns = new double[parts.size()][times.size()];
    for (int p = 0; p < columns.length; p++) {
      for (int i = 0; i < columns[p].length; i++) {
        columns[p][i] = expected(parts.get(p), times.get(i));
      }
    }
    return columns;
  }

  private static void assertParts(
      double[][] expected, double[][] actual, List<CalendarPart> parts, double[] values) {
    for (int p = 0; p < expected.length; p++) {
      for (int i = 0; i < expected[p].length; i++) {
        if (expected[p][i] != actual[p][i]) {
          assertEquals(expected[p][i], actual[p][i], parts.get(p) + " of " + values[i]);
        }
      }
    }
  }

  @Test
  void datesAreThoseOfJavaTime() {
    // Every day for a century around 1970 and at the end, and a sample of all others.
    long[] days =
        LongStream.concat(
                LongStream.rangeClosed(FIRST_DAY, LAST_DAY)
                    .filter(day -> (day - FIRST_DAY) % 37 == 0 || LAST_DAY - day < 400),
                LongStream.range(-40_000, 40_000))
            .toArray();
    double[] values = LongStream.of(days).asDoubleStream().toArray();
    double[][] expected =
        expected(
            ALL,
            LongStream.of(days).mapToObj(d -> LocalDate.ofEpochDay(d).atStartOfDay()).toList());
    assertParts(expected, inJava(FeatureType.DATE, ALL, values), ALL, values);
    assertParts(expected, inGraph(FeatureType.DATE, ALL, 4096, values), ALL, values);
  }

  @Test
  void everyCenturyAndYearTurnsOnItsDay() {
    List<LocalDateTime> times = new ArrayList<>();
    for (int year = 1; year <= 9999; year += year % 100 == 99 || year % 100 == 0 ? 1 : 3) {
      LocalDate first = LocalDate.of(year, 1, 1);
      for (long day : new long[] {0, 58, 59, 60, 304, 305, 306, 363, 364}) {
        times.add(first.plusDays(day).atStartOfDay());
      }
      times.add(LocalDate.of(year, 12, 31).atStartOfDay());
    }
    double[] values = times.stream().mapToDouble(time -> time.toLocalDate().toEpochDay()).toArray();
    double[][] expected = expected(ALL, times);
    assertParts(expected, inJava(FeatureType.DATE, ALL, values), ALL, values);
    assertParts(expected, inGraph(FeatureType.DATE, ALL, 4096, values), ALL, values);
  }

  @Property(tries = 1000)
  void timesAreThoseOfJavaTime(
      @ForAll @LongRange(min = 0, max = 9998L * 365 * 86400) long fromFirst,
      @ForAll @IntRange(min = 0, max = 999_999) int micros) {
    long first = FIRST_DAY * 86400;
    double value = first + fromFirst + micros / 1e6;
    LocalDateTime time = LocalDateTime.ofEpochSecond((long) Math.floor(value), 0, ZoneOffset.UTC);
    double[] values = {value};
    assertParts(
        expected(ALL, List.of(time)), inJava(FeatureType.DATE_TIME, ALL, value), ALL, values);
  }

  @Test
  void timesAtTheEdgesOfDaysHoursAndMinutesAreThoseOfJavaTime() {
    List<LocalDateTime> times = new ArrayList<>();
    List<Double> values = new ArrayList<>();
    for (int year : new int[] {1, 1582, 1899, 1900, 1969, 1970, 2000, 2024, 2100, 9999}) {
      for (int month = 1; month <= 12; month++) {
        LocalDateTime start = LocalDate.of(year, month, 28).atStartOfDay();
        for (long second : new long[] {0, 59, 60, 3599, 3600, 86399, 86400, 2 * 86400 - 1}) {
          LocalDateTime time = start.plus(second, ChronoUnit.SECONDS);
          double exact = time.toEpochSecond(ZoneOffset.UTC);
          times.add(time);
          values.add(exact);
          times.add(time);
          values.add(Math.nextDown(exact + 1));
          times.add(time);
          values.add(exact + 0.25);
        }
      }
    }
    double[] seconds = values.stream().mapToDouble(Double::doubleValue).toArray();
    double[][] expected = expected(ALL, times);
    assertParts(expected, inJava(FeatureType.DATE_TIME, ALL, seconds), ALL, seconds);
    assertParts(expected, inGraph(FeatureType.DATE_TIME, ALL, 7, seconds), ALL, seconds);
  }

  @Property(tries = 40)
  void anyPartsInAnyOrderAreTheSameInTheGraph(
      @ForAll FeatureTypeOfTime type,
      @ForAll @Size(min = 1, max = 6) @UniqueElements List<CalendarPart> parts,
      @ForAll @LongRange(min = -60_000, max = 60_000) long day) {
    double value = type == FeatureTypeOfTime.DATE ? day : day * 86_399.25;
    double[] values = {value, Double.NaN, -value};
    FeatureType featureType = FeatureType.valueOf(type.name());
    double[][] inJava = inJava(featureType, parts, values);
    double[][] inGraph = inGraph(featureType, parts, 2, values);
    for (int p = 0; p < inJava.length; p++) {
      assertArrayEquals(bits(inJava[p]), bits(inGraph[p]), parts.get(p).text());
      assertTrue(Double.isNaN(inJava[p][1]));
    }
    LocalDateTime time =
        LocalDateTime.ofEpochSecond(
            type == FeatureTypeOfTime.DATE ? day * 86400 : (long) Math.floor(value),
            0,
            ZoneOffset.UTC);
    double[][] first = Arrays.stream(inJava).map(c -> new double[] {c[0]}).toArray(double[][]::new);
    assertParts(expected(parts, List.of(time)), first, parts, values);
  }

  /** The types of points in time. */
  enum FeatureTypeOfTime {
    DATE,
    DATE_TIME
  }

  private static long[] bits(double[] values) {
    return DoubleStream.of(values).mapToLong(Double::doubleToLongBits).toArray();
  }

  @ParameterizedTest
  @EnumSource(
      value = FeatureType.class,
      names = {"DATE", "DATE_TIME"})
  void whatIsNoDateIsTheSameInTheGraph(FeatureType type) {
    double[] values = {
      Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 1e300, -1e18, 0.5, -0.0
    };
    double[][] inJava = inJava(type, ALL, values);
    double[][] inGraph = inGraph(type, ALL, 3, values);
    for (int p = 0; p < inJava.length; p++) {
      assertArrayEquals(bits(inJava[p]), bits(inGraph[p]), ALL.get(p).text());
      assertTrue(Double.isNaN(inJava[p][0]));
    }
  }
}
