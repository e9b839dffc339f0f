package dev.sheaf.models.onnx;

import java.io.Serializable;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the providers on a GPU have in common.
 *
 * @param device its number, from 0
 * @param options ONNX Runtime's options by name, as text
 * @param leftovers what happens to operators that have no kernel on the device
 * @param warmUpRows rows of the made-up call when a session is opened, 0 for none
 * @param fallback the CPU, where it may take the device's place
 */
record GpuSettings(
    int device,
    SortedMap<String, String> options,
    Leftovers leftovers,
    int warmUpRows,
    @Nullable CpuProvider fallback)
    implements Serializable {
  static final GpuSettings DEVICE_0 =
      new GpuSettings(0, new TreeMap<>(), Leftovers.ON_THE_CPU, 0, null);

  /** What happens to operators that have no kernel on the device. */
  enum Leftovers {
    /** The CPU runs them. */
    ON_THE_CPU,
    /** A model that has one is refused. */
    REFUSED
  }

  GpuSettings {
    if (device < 0) {
      throw new IllegalArgumentException(
          "cannot use CUDA device " + device + ": devices are numbered from 0");
    }
    checkWarmUp(warmUpRows);
    options = Collections.unmodifiableSortedMap(new TreeMap<>(options));
  }

  static void checkWarmUp(int rows) {
    if (rows < 0) {
      throw new IllegalArgumentException(
          "cannot warm up with " + rows + " rows; valid are 0, for none, and more");
    }
  }

  GpuSettings onDevice(int number) {
    return new GpuSettings(number, options, leftovers, warmUpRows, fallback);
  }

  GpuSettings with(String option, String value) {
    SortedMap<String, String> changed = new TreeMap<>(options);
    changed.put(option, value);
    return new GpuSettings(device, changed, leftovers, warmUpRows, fallback);
  }

  GpuSettings refusingLeftovers() {
    return new GpuSettings(device, options, Leftovers.REFUSED, warmUpRows, fallback);
  }

  GpuSettings withWarmUp(int rows) {
    return new GpuSettings(device, options, leftovers, rows, fallback);
  }

  GpuSettings or(@Nullable CpuProvider cpu) {
    return new GpuSettings(device, options, leftovers, warmUpRows, cpu);
  }

  /** Only what decides whether the device can be used. */
  GpuSettings bare() {
    return new GpuSettings(device, options, Leftovers.REFUSED, 0, null);
  }
}
