package dev.sheaf.benchmarks;

import static dev.sheaf.models.table.CalendarPart.DAYS;
import static dev.sheaf.models.table.CalendarPart.DAY_OF_MONTH;
import static dev.sheaf.models.table.CalendarPart.DAY_OF_WEEK;
import static dev.sheaf.models.table.CalendarPart.DAY_OF_YEAR;
import static dev.sheaf.models.table.CalendarPart.MONTH;

import dev.sheaf.models.table.CalendarPart;
import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.FeatureType;
import dev.sheaf.models.table.TableSchema;
import java.util.List;

/** The two tables of real daily sales, with features that are known in advance. */
final class Sales {
  private static final List<CalendarPart> PARTS =
      List.of(DAYS, MONTH, DAY_OF_MONTH, DAY_OF_WEEK, DAY_OF_YEAR);

  private Sales() {}

  /** 1,115 stores, about 750 open days each; customers are left out, they are not known before. */
  static CsvTable rossmann() {
    return new CsvTable(
        RealData.file("sales/rossmann_open_days.csv.gz"),
        List.of("Store"),
        new TableSchema(
            List.of(
                new Feature("Date", FeatureType.DATE, PARTS),
                new Feature("Promo", FeatureType.INTEGER),
                new Feature("StateHoliday", FeatureType.TEXT_CATEGORY),
                new Feature("SchoolHoliday", FeatureType.INTEGER)),
            "Sales"),
        "Date");
  }

  /** 500 series of an item in a store, 1,826 days each. */
  static CsvTable storeItem() {
    return new CsvTable(
        RealData.file("sales/store_item_daily.csv.gz"),
        List.of("store", "item"),
        new TableSchema(List.of(new Feature("date", FeatureType.DATE, PARTS)), "sales"),
        "date");
  }
}
