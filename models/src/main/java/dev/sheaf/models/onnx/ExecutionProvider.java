package dev.sheaf.models.onnx;

import java.io.Serializable;

/** Where ONNX Runtime computes: on the CPU, or on a CUDA device. */
public sealed interface ExecutionProvider extends Serializable {
  /** The CPU, which every machine has. */
  static Cpu cpu() {
    return new Cpu();
  }

  /**
   * The first CUDA device. Opening a session fails where there is none; see {@link Cuda#orCpu()}.
   */
  static Cuda cuda() {
    return new Cuda(0, Cuda.Absence.FAILS);
  }

  /** The CPU. */
  record Cpu() implements ExecutionProvider {}

  /**
   * A CUDA device; needs the artefact {@code onnxruntime_gpu} (Maven profile {@code gpu}) and CUDA
   * 12.
   *
   * @param device the device's number, from 0
   * @param absence what happens where the device cannot be used
   */
  record Cuda(int device, Absence absence) implements ExecutionProvider {
    /** What happens where a CUDA device cannot be used. */
    public enum Absence {
      /** Opening a session fails. */
      FAILS,
      /** The CPU is used, and a warning is logged once per JVM. */
      FALLS_BACK_TO_CPU
    }

    public Cuda {
      if (device < 0) {
        throw new IllegalArgumentException(
            "cannot use CUDA device " + device + ": devices are numbered from 0");
      }
    }

    /** The device with this number, from 0. */
    public Cuda onDevice(int number) {
      return new Cuda(number, absence);
    }

    /** This device, or the CPU where it cannot be used. */
    public Cuda orCpu() {
      return new Cuda(device, Absence.FALLS_BACK_TO_CPU);
    }
  }
}
