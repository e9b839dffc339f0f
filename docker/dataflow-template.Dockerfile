# The launcher of a Flex Template: builds a pipeline from the template's parameters and submits it.
# One image for each pipeline:
#   mvn -B -pl runners/dataflow -am -DskipTests package
#   docker build -f docker/dataflow-template.Dockerfile --build-arg PIPELINE=score \
#       --build-arg SECRETS=/run/sheaf/key.pem=projects/PROJECT/secrets/sheaf-key/versions/latest \
#       -t REGION-docker.pkg.dev/PROJECT/REPOSITORY/sheaf-score-template:0.1.0 .
# Google publishes the base image without versions of its own: pin it by --build-arg LAUNCHER_TAG=….
ARG LAUNCHER_TAG=latest
FROM gcr.io/dataflow-templates-base/java17-template-launcher-base:${LAUNCHER_TAG}
ARG PIPELINE
ARG SECRETS=
# XGBoost and LightGBM are not called here, so that the base image will do; the jar is the whole one,
# because the launcher asks the warehouse and the store, and stages it for the workers.
COPY runners/dataflow/target/sheaf-runner-dataflow-0.1.0-SNAPSHOT-bundled.jar /template/sheaf.jar
ENV FLEX_TEMPLATE_JAVA_CLASSPATH=/template/sheaf.jar \
    FLEX_TEMPLATE_JAVA_MAIN_CLASS=dev.sheaf.runner.dataflow.Main \
    SHEAF_PIPELINE=${PIPELINE} \
    SHEAF_SECRETS=${SECRETS}
# The graph is built with a look at the warehouse, so the launcher logs in as well.
COPY docker/with-secrets.sh /opt/sheaf/with-secrets
ENTRYPOINT ["/opt/sheaf/with-secrets", "/opt/google/dataflow/java_template_launcher"]
