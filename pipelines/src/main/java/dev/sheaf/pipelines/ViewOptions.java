package dev.sheaf.pipelines;

import org.apache.beam.sdk.options.Default;
import org.apache.beam.sdk.options.Description;

/** The options of {@link LambdaView}. */
public interface ViewOptions extends ConnectionOptions {
  @Description("Table that the batch layer writes its predictions to")
  @Default.String("PREDICTIONS")
  String getBatchTable();

  void setBatchTable(String table);

  @Description("Table that the stream layer writes its predictions to")
  @Default.String("PREDICTIONS_STREAM")
  String getStreamTable();

  void setStreamTable(String table);

  @Description("Column of both tables that names the event")
  @Default.String("EVENT_ID")
  String getEventId();

  void setEventId(String column);

  @Description("The view")
  @Default.String("PREDICTIONS_CURRENT")
  String getView();

  void setView(String view);

  @Description("Create the view, in place of one that is there, instead of printing its SQL")
  @Default.Boolean(false)
  boolean isCreate();

  void setCreate(boolean create);
}
