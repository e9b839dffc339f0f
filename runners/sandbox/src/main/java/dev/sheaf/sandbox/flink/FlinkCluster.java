package dev.sheaf.sandbox.flink;

import dev.sheaf.sandbox.process.Distribution;
import dev.sheaf.sandbox.process.JavaCommand;
import dev.sheaf.sandbox.process.Lifetime;
import dev.sheaf.sandbox.process.Ports;
import dev.sheaf.sandbox.process.SandboxException;
import dev.sheaf.sandbox.process.ServerProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A real Flink 1.19.3 cluster on 127.0.0.1: a JobManager and TaskManagers, each in a JVM of its
 * own, with REST and the web page.
 *
 * <p>Its folder holds the configuration ({@code conf}), checkpoints, savepoints, and a log and a
 * pid file of each process. TaskManagers are numbered from 1; a number is never used again.
 *
 * <pre>{@code
 * try (FlinkCluster cluster = FlinkCluster.in(folder).withTaskManagers(2).start()) {
 *   // --flinkMaster=<cluster.restAddress()> --flinkConfDir=<cluster.configurationFolder()>
 *   cluster.killTaskManager(1);
 *   int number = cluster.startTaskManager();
 * }
 * }</pre>
 *
 * <p>The jars are Flink's own, fetched by Maven when first needed; see {@link Distribution}.
 */
public final class FlinkCluster implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofMinutes(4);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(20);

  private final ClusterFolder folder;
  private final String restAddress;
  private final ClusterRest rest;
  private final TaskManagerMemory memory;
  private final Lifetime lifetime;
  private final @Nullable ServerProcess jobManager;
  private final Map<Integer, ServerProcess> taskManagers = new TreeMap<>();

  private FlinkCluster(
      ClusterFolder folder,
      int port,
      TaskManagerMemory memory,
      Lifetime lifetime,
      @Nullable ServerProcess jobManager) {
    this.folder = folder;
    this.restAddress = "127.0.0.1:" + port;
    this.rest = new ClusterRest(restAddress);
    this.memory = memory;
    this.lifetime = lifetime;
    this.jobManager = jobManager;
  }

  /** A cluster that keeps everything in a folder, made if it is missing. */
  public static Builder in(Path folder) {
    return new Builder(folder);
  }

  /**
   * The cluster of which something runs in a folder, started by whatever process; empty if nothing
   * does.
   */
  public static Optional<FlinkCluster> find(Path folder) {
    ClusterFolder place = new ClusterFolder(folder.toAbsolutePath());
    return place
        .read()
        .map(settings -> found(place, settings))
        .filter(cluster -> !cluster.pids().isEmpty());
  }

  private static FlinkCluster found(ClusterFolder place, Map<String, String> settings) {
    FlinkCluster cluster =
        new FlinkCluster(
            place,
            place.restPort(settings),
            TaskManagerMemory.of(settings),
            Lifetime.UNTIL_STOPPED,
            ServerProcess.find(place.path(), ClusterFolder.JOB_MANAGER).orElse(null));
    place
        .knownTaskManagers()
        .forEach(
            number ->
                ServerProcess.find(place.path(), ClusterFolder.TASK_MANAGER + number)
                    .ifPresent(process -> cluster.taskManagers.put(number, process)));
    return cluster;
  }

  /**
   * What a JVM of 17 must be told for Flink, as Flink's own configuration has it, and for Beam's
   * {@code @RequiresStableInput}; a JVM that submits needs it too.
   */
  public static List<String> jvmOptions() {
    return Stream.concat(
            Stream.of(
                "--add-exports=java.base/sun.net.util=ALL-UNNAMED",
                "--add-exports=java.rmi/sun.rmi.registry=ALL-UNNAMED",
                "--add-exports=jdk.compiler/com.sun.tools.javac.api=ALL-UNNAMED",
                "--add-exports=jdk.compiler/com.sun.tools.javac.file=ALL-UNNAMED",
                "--add-exports=jdk.compiler/com.sun.tools.javac.parser=ALL-UNNAMED",
                "--add-exports=jdk.compiler/com.sun.tools.javac.tree=ALL-UNNAMED",
                "--add-exports=jdk.compiler/com.sun.tools.javac.util=ALL-UNNAMED",
                "--add-exports=java.security.jgss/sun.security.krb5=ALL-UNNAMED",
                "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED"),
            Stream.of(
                    "lang",
                    "net",
                    "io",
                    "nio",
                    "lang.reflect",
                    "text",
                    "time",
                    "util",
                    "util.concurrent",
                    "util.concurrent.atomic",
                    "util.concurrent.locks")
                .map(name -> "--add-opens=java.base/java." + name + "=ALL-UNNAMED"))
        .toList();
  }

  /** Flink's own jars, for a JVM that submits or runs Flink's command line. */
  public static String classPath() {
    return Distribution.named("flink").classPath();
  }

  /** Where jobs are submitted, as {@code --flinkMaster} wants it: {@code 127.0.0.1:PORT}. */
  public String restAddress() {
    return restAddress;
  }

  /** Flink's web page. */
  public String webAddress() {
    return "http://" + restAddress;
  }

  /** The folder of {@code config.yaml}, for {@code --flinkConfDir} and {@code FLINK_CONF_DIR}. */
  public Path configurationFolder() {
    return folder.configuration();
  }

  /** The JobManager's log. */
  public Path log() {
    return folder.path().resolve(ClusterFolder.JOB_MANAGER + ".log");
  }

  /** The log of a TaskManager that is or was there. */
  public Path taskManagerLog(int number) {
    return folder.path().resolve(ClusterFolder.TASK_MANAGER + number + ".log");
  }

  /** Whether the JobManager runs. */
  public boolean isAlive() {
    return jobManager != null && jobManager.isAlive();
  }

  /** The processes that run, by name: {@code jobmanager}, {@code taskmanager-1} and so on. */
  public Map<String, Long> pids() {
    Map<String, Long> pids = new LinkedHashMap<>();
    Stream.concat(Stream.ofNullable(jobManager), taskManagers.values().stream())
        .filter(ServerProcess::isAlive)
        .forEach(process -> pids.put(process.name(), process.pid()));
    return pids;
  }

  /** The numbers of the TaskManagers whose processes run. */
  public List<Integer> taskManagers() {
    return taskManagers.entrySet().stream()
        .filter(entry -> entry.getValue().isAlive())
        .map(Map.Entry::getKey)
        .toList();
  }

  /**
   * Ends a TaskManager at once, as {@code kill -9} does. The JobManager learns of it by itself.
   *
   * @throws IllegalArgumentException if there is none of this number
   */
  public void killTaskManager(int number) {
    ServerProcess process = taskManagers.get(number);
    if (process == null) {
      throw new IllegalArgumentException(
          "cannot kill TaskManager " + number + ": there are " + taskManagers());
    }
    process.kill();
    taskManagers.remove(number);
  }

  /** Starts one more TaskManager and waits until its slots can be had; gives its number. */
  public int startTaskManager() {
    int number = launchTaskManager();
    awaitTaskManager(number);
    return number;
  }

  private int launchTaskManager() {
    int number = folder.nextTaskManager();
    List<String> options = options(folder, ClusterFolder.TASK_MANAGER + number);
    options.addAll(memory.jvmOptions());
    options.add("-XX:+UseG1GC");
    ServerProcess process =
        ServerProcess.start(
            folder.path(),
            ClusterFolder.TASK_MANAGER + number,
            new JavaCommand(
                "org.apache.flink.runtime.taskexecutor.TaskManagerRunner",
                classPath(),
                options,
                List.of(
                    "--configDir",
                    folder.configuration().toString(),
                    "-D",
                    "taskmanager.resource-id=" + resourceId(number))),
            lifetime);
    taskManagers.put(number, process);
    return number;
  }

  private void awaitTaskManager(int number) {
    ServerProcess process = taskManagers.get(number);
    if (process != null) {
      process.await(
          "known to the JobManager",
          () -> rest.taskManagers().contains(resourceId(number)),
          START_LIMIT);
    }
  }

  private static String resourceId(int number) {
    return "tm-" + number;
  }

  private static List<String> options(ClusterFolder folder, String name) {
    List<String> options = new ArrayList<>(jvmOptions());
    options.add("-XX:-UsePerfData");
    options.add("-XX:+ExitOnOutOfMemoryError");
    options.add("-Dlog4j.configurationFile=" + folder.logging());
    options.add("-Dlog.file=" + folder.path().resolve(name + ".log")); // The web page shows it.
    return options;
  }

  /** Stops every process, the jobs with them; the folder stays. */
  @Override
  public void close() {
    if (jobManager != null) {
      jobManager.stop(STOP_LIMIT);
    }
    taskManagers.values().forEach(process -> process.stop(STOP_LIMIT));
    taskManagers.clear();
  }

  private void kill() {
    if (jobManager != null) {
      jobManager.kill();
    }
    taskManagers.values().forEach(ServerProcess::kill);
  }

  /** What a cluster is started with. */
  public static final class Builder {
    private final ClusterFolder folder;
    private int port;
    private int taskManagers = 1;
    private int slots = 2;
    private int jobManagerHeap = 512;
    private TaskManagerMemory memory = TaskManagerMemory.small();
    private Lifetime lifetime = Lifetime.OF_THIS_JVM;
    private final Map<String, String> settings = new LinkedHashMap<>();

    private Builder(Path folder) {
      this.folder = new ClusterFolder(folder.toAbsolutePath());
    }

    /** The port of REST and web page; unless given, the folder's last one if free, or another. */
    public Builder withPort(int newPort) {
      if (newPort < 1 || newPort > 65_535) {
        throw new IllegalArgumentException(
            "cannot listen on port " + newPort + ": a port is 1 to 65535");
      }
      port = newPort;
      return this;
    }

    /** How many TaskManagers are started; 1 by default. */
    public Builder withTaskManagers(int count) {
      taskManagers = requirePositive("TaskManagers", count);
      return this;
    }

    /** Slots of each TaskManager; 2 by default. A job of parallelism P needs P slots. */
    public Builder withSlots(int count) {
      slots = requirePositive("slots", count);
      return this;
    }

    /** The JobManager's heap in MiB; 512 by default. */
    public Builder withJobManagerHeap(int mebibytes) {
      jobManagerHeap = requirePositive("MiB of heap", mebibytes);
      return this;
    }

    /** The memory of each TaskManager; {@link TaskManagerMemory#small()} by default. */
    public Builder withMemory(TaskManagerMemory newMemory) {
      memory = newMemory;
      return this;
    }

    /**
     * One key of Flink's configuration, in place of what the sandbox sets; not memory and port,
     * which have methods of their own.
     */
    public Builder withSetting(String key, String value) {
      if (!key.matches("[A-Za-z0-9._-]+") || value.contains("\n")) {
        throw new IllegalArgumentException(
            "cannot set '"
                + key
                + "' to '"
                + value
                + "': a key is letters, digits, '.', '_' and"
                + " '-', a value is one line");
      }
      if (key.startsWith("taskmanager.memory.") || key.equals(ClusterFolder.REST_PORT)) {
        throw new IllegalArgumentException(
            "cannot set '" + key + "' by itself: use withMemory and withPort");
      }
      settings.put(key, value);
      return this;
    }

    /** How long it lives if nobody stops it; by default it ends with this JVM. */
    public Builder withLifetime(Lifetime newLifetime) {
      lifetime = newLifetime;
      return this;
    }

    private static int requirePositive(String what, int count) {
      if (count < 1) {
        throw new IllegalArgumentException(
            "cannot start a cluster with " + count + " " + what + ": at least 1 is needed");
      }
      return count;
    }

    /**
     * Starts the cluster and waits until every TaskManager's slots can be had. Gives the one that
     * runs in the folder, as it is, if there is one.
     *
     * @throws SandboxException if the port is taken, the jars cannot be had or a process fails
     */
    public FlinkCluster start() {
      Optional<FlinkCluster> running = find(folder.path());
      if (running.filter(FlinkCluster::isAlive).isPresent()) {
        return running.get();
      }
      running.ifPresent(FlinkCluster::close); // TaskManagers that outlived their JobManager.
      return startNew();
    }

    private FlinkCluster startNew() {
      int restPort = port != 0 ? Ports.requireFree(port) : freePort();
      int rpcPort = Ports.freeBut(List.of(restPort));
      Map<String, String> all = folder.settings();
      all.put(ClusterFolder.REST_PORT, Integer.toString(restPort));
      all.put("jobmanager.rpc.port", Integer.toString(rpcPort));
      all.put("blob.server.port", Integer.toString(Ports.freeBut(List.of(restPort, rpcPort))));
      all.put("taskmanager.numberOfTaskSlots", Integer.toString(slots));
      all.put("taskmanager.cpu.cores", slots + ".0");
      all.putAll(memory.settings());
      all.putAll(settings);
      folder.write(all);
      FlinkCluster cluster =
          new FlinkCluster(folder, restPort, memory, lifetime, startJobManager());
      try {
        Stream.generate(cluster::launchTaskManager)
            .limit(taskManagers)
            .toList()
            .forEach(cluster::awaitTaskManager);
      } catch (SandboxException e) {
        cluster.kill();
        throw e;
      }
      return cluster;
    }

    private int freePort() {
      return folder.read().map(folder::restPort).filter(Ports::isFree).orElseGet(Ports::free);
    }

    private ServerProcess startJobManager() {
      List<String> options = options(folder, ClusterFolder.JOB_MANAGER);
      options.add("-Xmx" + jobManagerHeap + "m");
      options.add("-XX:+UseSerialGC");
      return ServerProcess.start(
          folder.path(),
          ClusterFolder.JOB_MANAGER,
          new JavaCommand(
              "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint",
              classPath(),
              options,
              List.of(
                  "--configDir", folder.configuration().toString(), "--executionMode", "cluster")),
          lifetime);
    }
  }
}
