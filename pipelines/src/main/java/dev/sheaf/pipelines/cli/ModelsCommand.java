package dev.sheaf.pipelines.cli;

import picocli.CommandLine.Command;

/** The commands for model files. */
@Command(
    name = "models",
    description = "Works with model files.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = ConvertCommand.class)
final class ModelsCommand {}
