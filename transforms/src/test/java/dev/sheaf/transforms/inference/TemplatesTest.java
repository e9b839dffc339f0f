package dev.sheaf.transforms.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.onnx.ExecutionProvider;
import dev.sheaf.transforms.inference.LoadedModel.Alone;
import dev.sheaf.transforms.inference.LoadedModel.Weighted;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class TemplatesTest {
  private final AtomicLong heldBytes = new AtomicLong();
  private final List<Alone> replaced = new ArrayList<>();

  private static LoadedModel open(Templates templates, int number) {
    return templates.open(StoredModel.onnx("k" + number, number), ExecutionProvider.cpu());
  }

  @Test
  void theFirstIsLookedForUntilItIsThere() {
    // As when the second model is opened before the first is in the cache.
    Templates templates =
        new Templates(
            heldBytes,
            (first, by) -> {
              replaced.add(first);
              boolean isThere = replaced.size() == 2;
              if (isThere) {
                first.release();
                by.release();
              }
              return isThere;
            });
    Alone first = assertInstanceOf(Alone.class, open(templates, 0));
    List<LoadedModel> others = new ArrayList<>();
    for (int i = 1; i < 5; i++) {
      others.add(assertInstanceOf(Weighted.class, open(templates, i)));
    }
    assertEquals(2, replaced.size());
    assertSame(first, replaced.get(0));
    assertSame(first, replaced.get(1));
    assertTrue(heldBytes.get() > 0, "the template is not counted");
    others.forEach(LoadedModel::release);
    assertEquals(0, heldBytes.get());
  }

  @Test
  void aFirstThatNeverComesIsNotLookedForWithoutEnd() {
    Templates templates =
        new Templates(
            heldBytes,
            (first, by) -> {
              replaced.add(first);
              return false;
            });
    LoadedModel first = open(templates, 0);
    for (int i = 1; i < 150; i++) {
      open(templates, i);
    }
    assertEquals(100, replaced.size());
    first.release();
  }

  @Test
  void aFirstThatManyRowsAskForGoesOverToItsTemplate() {
    List<Weighted> shared = new ArrayList<>();
    Templates templates =
        new Templates(
            heldBytes,
            (first, by) -> {
              first.release();
              shared.add(by);
              return true;
            });
    Alone first = assertInstanceOf(Alone.class, open(templates, 0));
    assertEquals(0, heldBytes.get());
    templates.share(first);
    assertEquals(1, shared.size());
    assertEquals(shared.get(0).template().session().byteSize(), heldBytes.get());
    Weighted second = assertInstanceOf(Weighted.class, open(templates, 1));
    assertSame(shared.get(0).template(), second.template());
    assertEquals(1, shared.size(), "the first was replaced already");
    second.release();
    assertTrue(heldBytes.get() > 0);
    shared.get(0).release();
    assertEquals(0, heldBytes.get());
  }

  @Test
  void aFirstThatIsNotThereAnyMoreKeepsNoTemplateOpen() {
    Templates templates = new Templates(heldBytes, (first, by) -> false);
    Alone first = assertInstanceOf(Alone.class, open(templates, 0));
    templates.share(first);
    assertEquals(0, heldBytes.get());
    first.release();
  }
}
