package dev.sheaf.transforms.inference;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The lanes of one thread's templates: few, since each has buffers, and found by a comparison for
 * the one that was used last.
 */
final class Lanes implements AutoCloseable {
  private static final int LARGEST_NUMBER = 16;

  private final List<TemplateLane> lanes = new ArrayList<>();

  /** The lane of a template; null if there is none. The one found is then the first. */
  @Nullable TemplateLane find(SharedTemplate template) {
    for (int i = 0; i < lanes.size(); i++) {
      TemplateLane lane = lanes.get(i);
      if (lane.template() == template) {
        if (i > 0) {
          lanes.set(i, lanes.get(0));
          lanes.set(0, lane);
        }
        return lane;
      }
    }
    return null;
  }

  /** The lane that must be scored and removed before another is added; null if there is room. */
  @Nullable TemplateLane surplus() {
    return lanes.size() < LARGEST_NUMBER ? null : lanes.get(lanes.size() - 1);
  }

  void add(TemplateLane lane) {
    lanes.add(0, lane);
  }

  void remove(TemplateLane lane) {
    lanes.remove(lane);
    lane.close();
  }

  List<TemplateLane> all() {
    return lanes;
  }

  @Override
  public void close() {
    lanes.forEach(TemplateLane::close);
    lanes.clear();
  }
}
