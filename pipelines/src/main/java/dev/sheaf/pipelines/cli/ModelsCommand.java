package dev.sheaf.pipelines.cli;

import picocli.CommandLine.Command;

/** The commands for model files and model stores. */
@Command(
    name = "models",
    description = "Works with model files and model stores.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {ConvertCommand.class, VersionsCommand.class, ServeCommand.class})
final class ModelsCommand {}
