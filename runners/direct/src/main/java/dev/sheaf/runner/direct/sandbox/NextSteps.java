package dev.sheaf.runner.direct.sandbox;

import java.util.Map;
import java.util.Set;

/** What a person may want to do with servers that run. */
final class NextSteps {
  private NextSteps() {}

  static String of(SandboxFolder folder, Set<Server> servers) {
    StringBuilder text = new StringBuilder();
    line(text, "Data, logs and pid files lie in " + folder.path() + ".");
    line(text, "");
    line(text, "Try next:");
    Map<String, String> warehouse = folder.facts(Server.SNOWFLAKE);
    if (servers.contains(Server.SNOWFLAKE) && !warehouse.isEmpty()) {
      line(text, "  bin/sheaf train '--warehouseUrl=" + warehouse.get("snowflake.url") + "' \\");
      line(
          text,
          "    --warehouseUser="
              + warehouse.get("snowflake.user")
              + " --warehousePassword="
              + warehouse.get("snowflake.password")
              + " --warehouseDatabase="
              + warehouse.get("snowflake.database")
              + " …");
    }
    Map<String, String> broker = folder.facts(Server.KAFKA);
    if (servers.contains(Server.KAFKA) && !broker.isEmpty()) {
      line(text, "  java -cp \"$(cat runners/sandbox/kafka/target/dependencies)\" \\");
      line(
          text,
          "    org.apache.kafka.tools.TopicCommand --list --bootstrap-server "
              + broker.get("kafka.bootstrapServers"));
    }
    Map<String, String> cluster = folder.facts(Server.FLINK);
    if (servers.contains(Server.FLINK) && !cluster.isEmpty()) {
      line(text, "  open " + cluster.get("flink.web") + " in a browser");
      line(
          text,
          "  bin/sheaf submit --flink-master "
              + cluster.get("flink.master")
              + " score --flinkConfDir="
              + cluster.get("flink.configurationFolder")
              + " …");
    }
    line(text, "  bin/sheaf sandbox status" + option(folder));
    text.append("  bin/sheaf sandbox down").append(option(folder));
    return text.toString();
  }

  private static String option(SandboxFolder folder) {
    String home = System.getProperty("user.home") + "/.sheaf/sandbox";
    return folder.path().toString().equals(home) ? "" : " --dir " + folder.path();
  }

  private static void line(StringBuilder text, String line) {
    text.append(line).append(System.lineSeparator());
  }
}
