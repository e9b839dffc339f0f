package dev.sheaf.models.store;

import java.io.Serializable;
import java.util.Collection;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What rows a model is for, and the key that a store knows it by: the rows of one key, of a group
 * of keys, or all.
 *
 * <p>Store keys that begin with one {@code @} belong to models that others fall back to; a key of
 * the user's that begins with {@code @} has it doubled:
 *
 * <pre>
 * key("CA_1")         CA_1
 * key("@home")        @@home
 * group("STATE","CA") @group:STATE=CA     in the column's name %, = are written %25, %3D
 * global()            @global
 * </pre>
 *
 * <p>Different scopes never share a store key.
 */
public sealed interface ModelScope extends Serializable {
  /** The rows of one key. */
  static ModelScope key(String text) {
    return new Key(text);
  }

  /**
   * The rows that have a value in a column.
   *
   * @param column the column's name, not empty
   * @param value the value as a key's text
   */
  static ModelScope group(String column, String value) {
    return new Group(column, value);
  }

  /** All rows. */
  static ModelScope global() {
    return new Global();
  }

  /**
   * The scope that has a store key.
   *
   * @throws IllegalArgumentException if none has: it begins with one {@code @} and is neither the
   *     global model's nor a group's
   */
  static ModelScope ofStoreKey(String storeKey) {
    if (!storeKey.startsWith("@")) {
      return new Key(storeKey);
    } else if (storeKey.startsWith("@@")) {
      return new Key(storeKey.substring(1));
    } else if (storeKey.equals(Global.STORE_KEY)) {
      return new Global();
    } else if (Group.isStoreKey(storeKey)) {
      return Group.ofStoreKey(storeKey);
    }
    throw new IllegalArgumentException(
        "cannot tell what the store key \""
            + storeKey
            + "\" is for: with one @ at their start there are @global and @group:COLUMN=VALUE; a"
            + " key that begins with @ has it doubled");
  }

  /** The columns that some store keys have groups by; keys of no known scope are left out. */
  static SortedSet<String> groupColumns(Collection<String> storeKeys) {
    return storeKeys.stream()
        .filter(Group::isStoreKey)
        .map(storeKey -> Group.ofStoreKey(storeKey).column())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** The key that a store knows the model by. */
  String storeKey();

  /**
   * See {@link ModelScope#key}.
   *
   * @param text the key as the user knows it
   */
  record Key(String text) implements ModelScope {
    @Override
    public String storeKey() {
      return text.startsWith("@") ? "@" + text : text;
    }
  }

  /** See {@link ModelScope#group}. */
  record Group(String column, String value) implements ModelScope {
    private static final String PREFIX = "@group:";

    public Group {
      if (column.isEmpty()) {
        throw new IllegalArgumentException(
            "cannot have a group by a column with an empty name, of the value \"" + value + "\"");
      }
    }

    private static boolean isStoreKey(String text) {
      return text.startsWith(PREFIX) && text.indexOf('=') > PREFIX.length();
    }

    private static Group ofStoreKey(String text) {
      int equals = text.indexOf('=');
      String column = text.substring(PREFIX.length(), equals);
      return new Group(column.replace("%3D", "=").replace("%25", "%"), text.substring(equals + 1));
    }

    @Override
    public String storeKey() {
      return PREFIX + column.replace("%", "%25").replace("=", "%3D") + "=" + value;
    }
  }

  /** See {@link ModelScope#global}. */
  record Global() implements ModelScope {
    private static final String STORE_KEY = "@global";

    @Override
    public String storeKey() {
      return STORE_KEY;
    }
  }
}
