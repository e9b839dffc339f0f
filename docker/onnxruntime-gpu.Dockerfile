# The native libraries that ONNX Runtime needs on a GPU, and nothing else:
#   /opt/onnxruntime  ONNX Runtime 1.29.0 with CUDA and TensorRT providers
#   /opt/cuda/lib     CUDA 12.6: cuBLAS, cuRAND, cuFFT, the runtime, NVRTC; cuDNN 9
# The other images of this folder copy these two folders. Build it first, in the repository's root:
#   docker build -f docker/onnxruntime-gpu.Dockerfile -t sheaf/onnxruntime-gpu:1.29.0 .
FROM nvidia/cuda:12.6.3-cudnn-runtime-ubuntu22.04 AS cuda
RUN set -eu; \
    mkdir -p /opt/cuda/lib; \
    cd /usr/local/cuda/lib64; \
    cp -a libcudart.so.12* libcublas.so.12* libcublasLt.so.12* libcurand.so.10* libcufft.so.11* \
      libnvrtc.so.12* libnvrtc-builtins.so.12* /opt/cuda/lib/; \
    cp -a /usr/lib/x86_64-linux-gnu/libcudnn*.so.9* /opt/cuda/lib/

FROM maven:3.9.9-eclipse-temurin-17 AS onnxruntime
WORKDIR /build
COPY pom.xml .
# 642 MB, of which one folder is kept: the five libraries for Linux.
RUN set -eu; \
    mvn -B -q org.apache.maven.plugins:maven-dependency-plugin:3.8.1:get -Dtransitive=false \
      -Dartifact=com.microsoft.onnxruntime:onnxruntime_gpu:1.29.0; \
    mkdir -p jar /opt/onnxruntime; \
    cd jar; \
    jar xf /root/.m2/repository/com/microsoft/onnxruntime/onnxruntime_gpu/1.29.0/onnxruntime_gpu-1.29.0.jar \
      ai/onnxruntime/native/linux-x64; \
    mv ai/onnxruntime/native/linux-x64/*.so /opt/onnxruntime/

FROM scratch
COPY --from=cuda /opt/cuda/lib/ /opt/cuda/lib/
COPY --from=onnxruntime /opt/onnxruntime/ /opt/onnxruntime/
