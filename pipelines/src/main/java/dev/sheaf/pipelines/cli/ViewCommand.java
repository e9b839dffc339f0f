package dev.sheaf.pipelines.cli;

import dev.sheaf.pipelines.LambdaView;
import dev.sheaf.pipelines.ViewOptions;
import picocli.CommandLine.Command;

/** {@code sheaf view}: prints or creates the view of the predictions that count. */
@Command
final class ViewCommand extends OptionsCommand<ViewOptions> {
  ViewCommand() {
    super(ViewOptions.class);
  }

  @Override
  int call(ViewOptions options) {
    try {
      if (options.isCreate()) {
        LambdaView created = LambdaView.create(options);
        print(
            String.format(
                "Created %s over %s and %s: %d columns, one row per %s%n",
                options.getView(),
                options.getBatchTable(),
                options.getStreamTable(),
                created.columns().size(),
                options.getEventId()));
      } else {
        print(LambdaView.of(options).createStatement(options.getView()) + ";\n");
      }
      return 0;
    } catch (RuntimeException e) {
      return tell(Failure.whileBuilding(e), e);
    }
  }
}
