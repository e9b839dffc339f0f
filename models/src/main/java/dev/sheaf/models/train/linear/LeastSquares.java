package dev.sheaf.models.train.linear;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.NormOps_DDRM;
import org.ejml.dense.row.decomposition.qr.QRDecompositionHouseholderColumn_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.ejml.interfaces.decomposition.SingularValueDecomposition_F64;
import org.ejml.interfaces.linsol.LinearSolverDense;
import org.jspecify.annotations.Nullable;

/**
 * Solves for the coefficients of the columns that vary, each centred and scaled to norm 1.
 *
 * <p>The normal equations are solved by Cholesky where their condition number allows it. Otherwise
 * the rows themselves are factored (QR, then the singular values of the small triangle), which
 * loses half as many digits and finds the rank; without rows, the singular values of the normal
 * matrix must do.
 */
final class LeastSquares {
  /** Beyond this condition number the normal equations keep fewer than about 9 digits. */
  private static final double TRUSTED_CONDITION = 1e6;

  private static final double PART_OF_COLLINEAR = 1e-6;
  private static final double ULP = Math.ulp(1.0);

  private final Columns layout;
  private final Moments moments;
  private final double ridge;

  /** The terms that get a coefficient; see {@link Moments}. */
  private final int[] used;

  private final double[] norms;

  LeastSquares(Columns layout, Moments moments, double ridge) {
    this.layout = layout;
    this.moments = moments;
    this.ridge = ridge;
    IntStream numbers =
        IntStream.range(0, moments.label()).filter(j -> moments.any(j) && !moments.constant(j));
    IntStream indicators =
        IntStream.range(0, layout.categories().size())
            .flatMap(c -> occurring(layout.source(c)).skip(1));
    this.used = IntStream.concat(numbers, indicators).toArray();
    this.norms = IntStream.of(used).mapToDouble(t -> Math.sqrt(moments.product(t, t))).toArray();
  }

  /** The terms of a source's categories that rows of some weight have; the first is implied. */
  private IntStream occurring(int source) {
    Flags flags = moments.flags();
    int known = Vocabularies.known(flags.vocabularies().get(source));
    return IntStream.range(flags.start(source), flags.start(source) + known)
        .filter(flag -> flags.weight(flag) > 0)
        .map(flag -> moments.columns() + flag);
  }

  /** The fit to rows whose moments these are, or to the moments alone. */
  LinearModel solve(@Nullable EncodedRows rows, List<String> known) {
    List<String> notes = new ArrayList<>(known);
    notes.addAll(emptyColumns());
    double[] scaled = new double[0];
    if (used.length > 0) {
      double[] exact = byNormalEquations();
      if (exact != null) {
        scaled = exact;
      } else {
        List<Integer> collinear = new ArrayList<>();
        scaled = rows == null ? byPseudoInverse(collinear) : byRows(rows, collinear);
        if (!collinear.isEmpty()) {
          notes.add(
              "features "
                  + String.join(", ", collinear.stream().map(this::name).distinct().toList())
                  + " are collinear in the training rows; the coefficients of least norm are taken");
        }
      }
    }
    return model(scaled, notes);
  }

  private String name(int term) {
    return term < moments.columns()
        ? layout.numbers().get(term).name()
        : layout.categories().get(category(term)).name();
  }

  private int category(int term) {
    return moments.flags().source(term - moments.columns()) - layout.source(0);
  }

  private List<String> emptyColumns() {
    List<String> notes = new ArrayList<>();
    for (int j = 0; j < moments.label(); j++) {
      String name = layout.numbers().get(j).name();
      if (!moments.any(j)) {
        notes.add("feature " + name + " has no value in the training rows; its coefficient is 0");
      } else if (moments.constant(j)) {
        notes.add("feature " + name + " is constant in the training rows; its coefficient is 0");
      }
    }
    for (int c = 0; c < layout.categories().size(); c++) {
      String name = layout.categories().get(c).name();
      long occurring = occurring(layout.source(c)).count();
      if (occurring == 0) {
        notes.add("feature " + name + " has no value in the training rows; its effect is 0");
      } else if (occurring == 1) {
        notes.add("feature " + name + " is constant in the training rows; its effect is 0");
      }
    }
    return notes;
  }

  private LinearModel model(double[] scaled, List<String> notes) {
    double[] means = new double[moments.label()];
    double[] coefficients = new double[moments.label()];
    double[] perFlag = new double[moments.flags().count()];
    double intercept = moments.mean(moments.label()) + moments.offset(moments.label());
    for (int i = 0; i < used.length; i++) {
      int term = used[i];
      double coefficient = scaled[i] / norms[i];
      if (term < moments.columns()) {
        means[term] = moments.mean(term);
        coefficients[term] = coefficient;
        intercept -= coefficient * moments.offset(term);
      } else {
        perFlag[term - moments.columns()] = coefficient;
      }
    }
    List<Effects> effects = new ArrayList<>();
    for (int c = 0; c < layout.categories().size(); c++) {
      effects.add(effects(layout.source(c), perFlag));
    }
    return new LinearModel(layout, means, coefficients, effects, intercept, notes);
  }

  /** What each category adds to the prediction of a row where it is missing. */
  private Effects effects(int source, double[] perFlag) {
    Flags flags = moments.flags();
    int[] terms = occurring(source).toArray();
    double mean = 0;
    for (int term : terms) {
      mean += moments.mean(term) * perFlag[term - moments.columns()];
    }
    List<Category> categories = new ArrayList<>(terms.length);
    double[] effects = new double[terms.length];
    for (int i = 0; i < terms.length; i++) {
      int flag = terms[i] - moments.columns();
      categories.add(flags.vocabularies().get(source).get(flag - flags.start(source)));
      effects[i] = perFlag[flag] - mean;
    }
    return new Effects(categories, effects);
  }

  private DMatrixRMaj normalMatrix() {
    int p = used.length;
    DMatrixRMaj matrix = new DMatrixRMaj(p, p);
    for (int i = 0; i < p; i++) {
      matrix.set(i, i, 1 + ridge);
      for (int k = 0; k < i; k++) {
        double entry = moments.product(used[i], used[k]) / norms[i] / norms[k];
        matrix.set(i, k, entry);
        matrix.set(k, i, entry);
      }
    }
    return matrix;
  }

  private DMatrixRMaj rightSide() {
    DMatrixRMaj side = new DMatrixRMaj(used.length, 1);
    for (int i = 0; i < used.length; i++) {
      side.set(i, 0, moments.product(used[i], moments.label()) / norms[i]);
    }
    return side;
  }

  private double @Nullable [] byNormalEquations() {
    DMatrixRMaj matrix = normalMatrix();
    DMatrixRMaj side = rightSide();
    if (!finite(matrix) || !finite(side)) {
      return null;
    }
    double norm = NormOps_DDRM.inducedP1(matrix);
    LinearSolverDense<DMatrixRMaj> solver = LinearSolverFactory_DDRM.chol(used.length);
    if (!solver.setA(matrix.copy())) {
      return null;
    }
    DMatrixRMaj inverse = new DMatrixRMaj(used.length, used.length);
    solver.invert(inverse);
    if (!(norm * NormOps_DDRM.inducedP1(inverse) <= TRUSTED_CONDITION)) {
      return null;
    }
    DMatrixRMaj solution = new DMatrixRMaj(used.length, 1);
    solver.solve(side, solution);
    return solution.getData();
  }

  private double[] byPseudoInverse(List<Integer> collinear) {
    DMatrixRMaj matrix = normalMatrix();
    // Singular values near the rounding of the sums say nothing.
    double noise = Math.max(moments.rows(), used.length) * ULP;
    return leastNorm(matrix, rightSide(), 10 * noise, collinear);
  }

  /**
   * Factors [X y], X centred and scaled: the triangle of X and, in the last column, y turned alike.
   * Ridge adds a row of sqrt(lambda) per column.
   */
  private double[] byRows(EncodedRows rows, List<Integer> collinear) {
    int n = rows.rows();
    int p = used.length;
    int added = ridge > 0 ? p : 0;
    DMatrixRMaj matrix = new DMatrixRMaj(Math.max(n + added, p + 1), p + 1);
    double[] centred = new double[n];
    double[] roots = roots(rows.weights());
    double accuracy = Math.max(n, p);
    for (int i = 0; i < p; i++) {
      centre(rows, used[i], centred);
      norms[i] = putScaled(matrix, i, centred, roots);
      double mean = used[i] < moments.columns() ? Math.abs(moments.mean(used[i])) : 0;
      accuracy = Math.max(accuracy, 4 * mean * Math.sqrt(moments.weight()) / norms[i]);
      if (added > 0) {
        matrix.set(n + i, i, Math.sqrt(ridge));
      }
    }
    centre(rows, moments.label(), centred);
    double labelNorm = putScaled(matrix, p, centred, roots);
    QRDecompositionHouseholderColumn_DDRM qr = new QRDecompositionHouseholderColumn_DDRM();
    qr.decompose(matrix);
    DMatrixRMaj triangle = qr.getR(null, true);
    double[] solution =
        leastNorm(
            CommonOps_DDRM.extract(triangle, 0, p, 0, p),
            CommonOps_DDRM.extract(triangle, 0, p, p, p + 1),
            accuracy * ULP,
            collinear);
    for (int i = 0; i < p; i++) {
      solution[i] *= labelNorm;
    }
    return solution;
  }

  /** The roots of the weights; empty if all are 1. */
  private static double[] roots(double @Nullable [] weights) {
    return weights == null ? new double[0] : Arrays.stream(weights).map(Math::sqrt).toArray();
  }

  /** Fills in a term's values around its exact mean. */
  private void centre(EncodedRows rows, int term, double[] centred) {
    double mean = moments.mean(term);
    if (term < moments.columns()) {
      Moments.centre(rows.numbers()[term], mean, centred);
      double offset = moments.offset(term);
      for (int i = 0; i < centred.length; i++) {
        centred[i] -= offset;
      }
      return;
    }
    Vocabularies.Coded category = rows.categories().get(category(term));
    int own = term - moments.columns() - moments.flags().start(layout.source(category(term)));
    int known = Vocabularies.known(category.vocabulary());
    for (int i = 0; i < centred.length; i++) {
      int code = category.codes()[i];
      centred[i] = code >= known ? 0 : code == own ? 1 - mean : -mean;
    }
  }

  /** Puts a column divided by its norm, which is returned; a column of zeros stays so. */
  private static double putScaled(
      DMatrixRMaj matrix, int column, double[] centred, double[] roots) {
    double largest = 0;
    for (int i = 0; i < centred.length; i++) {
      centred[i] *= roots.length == 0 ? 1 : roots[i];
      largest = Math.max(largest, Math.abs(centred[i]));
    }
    if (largest == 0) {
      return 1;
    }
    double squares = 0;
    for (double value : centred) {
      squares += (value / largest) * (value / largest);
    }
    double norm = largest * Math.sqrt(squares);
    for (int i = 0; i < centred.length; i++) {
      matrix.set(i, column, centred[i] / norm);
    }
    return norm;
  }

  /** The solution of least norm, taking singular values below the tolerance for 0. */
  private double[] leastNorm(
      DMatrixRMaj matrix, DMatrixRMaj side, double tolerance, List<Integer> collinear) {
    int p = matrix.getNumCols();
    SingularValueDecomposition_F64<DMatrixRMaj> svd =
        DecompositionFactory_DDRM.svd(p, p, true, true, false);
    double[] solution = new double[p];
    if (!finite(matrix) || !finite(side) || !svd.decompose(matrix.copy())) {
      Arrays.fill(solution, Double.NaN);
      return solution;
    }
    double[] values = svd.getSingularValues();
    DMatrixRMaj left = svd.getU(null, false);
    DMatrixRMaj right = svd.getV(null, false);
    double largest = CommonOps_DDRM.elementMax(DMatrixRMaj.wrap(p, 1, values));
    boolean[] dependent = new boolean[p];
    for (int s = 0; s < p; s++) {
      if (values[s] <= tolerance * largest) {
        for (int i = 0; i < p; i++) {
          dependent[i] |= Math.abs(right.get(i, s)) > PART_OF_COLLINEAR;
        }
        continue;
      }
      double part = 0;
      for (int i = 0; i < p; i++) {
        part += left.get(i, s) * side.get(i, 0);
      }
      for (int i = 0; i < p; i++) {
        solution[i] += right.get(i, s) * (part / values[s]);
      }
    }
    IntStream.range(0, p).filter(i -> dependent[i]).forEach(i -> collinear.add(used[i]));
    return solution;
  }

  private static boolean finite(DMatrixRMaj matrix) {
    for (int i = 0; i < matrix.getNumElements(); i++) {
      if (!(Math.abs(matrix.get(i)) <= Double.MAX_VALUE)) {
        return false;
      }
    }
    return true;
  }
}
