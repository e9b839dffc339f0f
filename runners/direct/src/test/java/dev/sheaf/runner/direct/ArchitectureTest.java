package dev.sheaf.runner.direct;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** The arrows of the house; Maven's enforcer keeps those between modules a second time. */
final class ArchitectureTest {
  /** Fewer classes than this means that the import failed and the rules hold of nothing. */
  private static final int FEWEST_CLASSES = 150;

  private static final JavaClasses SHEAF =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.sheaf");

  @Test
  void thereIsSomethingToCheck() {
    assertTrue(SHEAF.size() >= FEWEST_CLASSES, "classes found: " + SHEAF.size());
    Set<String> modules =
        SHEAF.stream()
            .map(JavaClass::getPackageName)
            .map(name -> name.split("\\.", -1)[2])
            .collect(Collectors.toSet());
    assertEquals(Set.of("models", "transforms", "pipelines", "runner", "sandbox"), modules);
  }

  @Test
  void modelsKnowNoBeamAndNoWarehouse() {
    noClasses()
        .that()
        .resideInAPackage("dev.sheaf.models..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.apache.beam..",
            "net.snowflake..",
            "org.duckdb..",
            "dev.sheaf.transforms..",
            "dev.sheaf.pipelines..",
            "dev.sheaf.sandbox..",
            "dev.sheaf.runner..")
        .check(SHEAF);
  }

  @Test
  void onlyModelsOnnxKnowsOnnxRuntime() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.sheaf.models.onnx..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("ai.onnxruntime..")
        .check(SHEAF);
  }

  @Test
  void transformsKnowNoRunnerAndNoPipeline() {
    noClasses()
        .that()
        .resideInAPackage("dev.sheaf.transforms..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.apache.beam.runners..",
            "dev.sheaf.pipelines..",
            "dev.sheaf.sandbox..",
            "dev.sheaf.runner..")
        .check(SHEAF);
  }

  @Test
  void transformsMeetInTheTypesOfModels() {
    Set<String> packages = Set.of("snowflake", "kafka", "training", "publishing", "inference");
    for (String one : packages) {
      String[] others =
          packages.stream()
              .filter(other -> !other.equals(one))
              .map(other -> "dev.sheaf.transforms." + other + "..")
              .toArray(String[]::new);
      noClasses()
          .that()
          .resideInAPackage("dev.sheaf.transforms." + one + "..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(others)
          .check(SHEAF);
    }
  }

  @Test
  void pipelinesKnowNoRunnerNoSandboxAndNoIo() {
    noClasses()
        .that()
        .resideInAPackage("dev.sheaf.pipelines..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.apache.beam.runners..",
            "org.apache.beam.sdk.io..",
            "ai.onnxruntime..",
            "dev.sheaf.sandbox..",
            "dev.sheaf.runner..")
        .check(SHEAF);
  }

  @Test
  void runnersUsePipelinesAlone() {
    noClasses()
        .that()
        .resideInAPackage("dev.sheaf.runner..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.sheaf.models..", "dev.sheaf.transforms..", "ai.onnxruntime..")
        .check(SHEAF);
  }

  @Test
  void theSandboxIsAProductOfItsOwn() {
    classes()
        .that()
        .resideInAPackage("dev.sheaf.sandbox..")
        .should()
        .onlyDependOnClassesThat()
        .resideOutsideOfPackages(
            "dev.sheaf.models..",
            "dev.sheaf.transforms..",
            "dev.sheaf.pipelines..",
            "dev.sheaf.runner..",
            "org.apache.beam..",
            "net.snowflake..")
        .check(SHEAF);
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching("dev.sheaf.(**)").should().beFreeOfCycles().check(SHEAF);
  }

  @Test
  void everyPackageIsNullMarked() {
    Set<String> unmarked =
        SHEAF.stream()
            .map(JavaClass::getPackage)
            .filter(p -> !p.isAnnotatedWith(NullMarked.class))
            .map(JavaPackage::getName)
            .collect(Collectors.toSet());
    assertEquals(Set.of(), unmarked);
  }
}
