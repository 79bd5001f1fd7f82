"""Names that were chosen one by one for the allow-list, because no rule about classes finds them."""

from __future__ import annotations

CALLED: dict[str, str] = {
    "builtins": "bytearray bytes complex dict float frozenset int list set slice str tuple range bool",
    "pathlib": "Path PosixPath PurePath PurePosixPath PureWindowsPath WindowsPath",
    "pathlib._local": "Path PosixPath PurePath PurePosixPath PureWindowsPath WindowsPath",
    "types": "SimpleNamespace",
    "collections": "ChainMap Counter OrderedDict defaultdict deque",
    "_codecs": "encode",
    "datetime": "date datetime time timedelta timezone",
    "decimal": "Decimal",
    "fractions": "Fraction",
    "array": "_array_reconstructor array",
    "re": "_compile",
    "time": "struct_time",
    "uuid": "UUID",
    "pandas.core.indexes.frozen": "FrozenList",
    "pandas.core.indexes.timedeltas": "_new_TimedeltaIndex",
    "numpy": "ndarray dtype matrix",
    "numpy.ma": "MaskedArray",
    "numpy.ma.core": "_mareconstruct MaskedArray",
    "numpy._core.multiarray": "_reconstruct scalar",
    "numpy.core.multiarray": "_reconstruct scalar",
    "numpy._core.numeric": "_frombuffer",
    "numpy.core.numeric": "_frombuffer",
    "numpy.random._pickle": "__bit_generator_ctor __generator_ctor __randomstate_ctor",
    "numpy.random.bit_generator": "SeedSequence __pyx_unpickle_SeedSequence",
    "numpy.random.mtrand": "RandomState",
    "numpy.random._generator": "Generator",
    "numpy.random._mt19937": "MT19937",
    "numpy.random._pcg64": "PCG64 PCG64DXSM",
    "numpy.random._philox": "Philox",
    "numpy.random._sfc64": "SFC64",
    "numpy.random": "Generator MT19937 PCG64 PCG64DXSM Philox RandomState SFC64",
    "torch": "Size device",
    "torch._utils": "_rebuild_parameter _rebuild_parameter_with_state _rebuild_qtensor _rebuild_sparse_tensor "
    "_rebuild_tensor _rebuild_tensor_v2 _rebuild_tensor_v3 _rebuild_meta_tensor_no_storage _rebuild_nested_tensor",
    "zoneinfo": "ZoneInfo ZoneInfo._unpickle",
    "pytz": "_UTC _p",
    "pyarrow.lib": "_restore_array py_buffer type_for_alias",
    "pandas._libs.arrays": "__pyx_unpickle_NDArrayBacked",
    "pandas._libs.internals": "BlockValuesRefs _unpickle_block",
    "pandas._libs.interval": "Interval",
    "pandas._libs.missing": "C_NAType NAType",
    "pandas._libs.sparse": "BlockIndex IntIndex",
    "pandas._libs.tslibs.nattype": "NaTType __nat_unpickle _nat_unpickle",
    "pandas._libs.tslibs.period": "Period",
    "pandas._libs.tslibs.timedeltas": "Timedelta _timedelta_unpickle",
    "pandas._libs.tslibs.timestamps": "Timestamp _unpickle_timestamp",
    "pandas.core.indexes.base": "_new_Index",
    "pandas.core.indexes.datetimes": "_new_DatetimeIndex",
    "pandas.core.indexes.interval": "_new_IntervalIndex",
    "pandas.core.indexes.period": "_new_PeriodIndex",
    "pandas": "Interval Period Timedelta Timestamp",
    "pandas.core.internals.blocks": "DatetimeLikeBlock ExtensionBlock NumericBlock NumpyBlock ObjectBlock new_block",
    "torch.jit._pickle": "build_boollist build_doublelist build_intlist build_tensorlist restore_type_tag",
    "torch.serialization": "_get_layout",
}
"""Functions and types that only build values from their arguments; older module names of the same things included."""

NAMED: dict[str, str] = {
    "argparse": "Namespace",
    "builtins": "Ellipsis NotImplemented NotImplementedType ellipsis NoneType method_descriptor object len min max abs "
    "sum sorted str.casefold str.lower str.split str.strip str.upper",
    "copyreg": "_reconstructor",
    "joblib.numpy_pickle": "NumpyArrayWrapper",
    "numpy": "mean median std var sum prod nanmean nanmedian nanstd nansum unique clip where ravel argmax argmin "
    "recarray nan_to_num round poly1d chararray abs all amax amin any argsort array asarray ascontiguousarray "
    "asfortranarray atleast_1d atleast_2d average bincount column_stack concatenate corrcoef cov cross cumprod "
    "cumsum diff digitize dot expand_dims fix flip full_like gradient histogram hstack imag interp isclose isin max "
    "min nanmax nanmin nanpercentile nanprod nanquantile nanvar ones_like outer pad percentile ptp quantile real "
    "repeat reshape roll searchsorted sort squeeze stack take tile trace transpose trapezoid vstack zeros_like",
    "numpy.char": "chararray",
    "numpy.polynomial.chebyshev": "Chebyshev",
    "numpy.polynomial.hermite": "Hermite",
    "numpy.polynomial.hermite_e": "HermiteE",
    "numpy.polynomial.laguerre": "Laguerre",
    "numpy.polynomial.legendre": "Legendre",
    "numpy.polynomial.polynomial": "Polynomial",
    "scipy.optimize._optimize": "OptimizeResult",
    "numpy.rec": "recarray record",
    "scipy._lib.array_api_compat.numpy._aliases": "asarray",
    "scipy.stats._distn_infrastructure": "rv_continuous_frozen rv_discrete_frozen",
    "scipy.stats._kde": "gaussian_kde",
    "scipy.interpolate._bsplines": "BSpline",
    "scipy.interpolate._interpolate": "interp1d",
    "scipy.interpolate.interpolate": "interp1d",
    "sklearn.cluster._kmeans": "_kmeans_single_elkan _kmeans_single_lloyd",
    "lightgbm.basic": "Booster",
    "xgboost.core": "Booster",
    "torch": "Tensor UntypedStorage QInt8Storage QUInt8Storage QInt32Storage QUInt4x2Storage relu sigmoid tanh",
    "torch.nn.functional": "celu elu gelu glu hardsigmoid hardswish hardtanh leaky_relu log_softmax logsigmoid mish "
    "relu relu6 selu sigmoid silu softmax softplus softsign tanh",
    "torch._C._nn": "gelu leaky_relu log_sigmoid silu softplus",
    "torch.utils.data.dataset": "Subset TensorDataset",
    "pandas": "NA NaT cut factorize get_dummies isna isnull notna notnull qcut to_datetime to_numeric to_timedelta "
    "unique",
    "pandas.core.algorithms": "factorize unique",
    "pandas.core.dtypes.missing": "isna isnull notna notnull",
    "pandas.core.reshape.encoding": "get_dummies",
    "pandas.core.reshape.tile": "cut qcut",
    "pandas.core.tools.datetimes": "to_datetime",
    "pandas.core.tools.numeric": "to_numeric",
    "pandas.core.tools.timedeltas": "to_timedelta",
    "pandas._libs.index": "BaseMultiIndexCodesEngine BoolEngine Complex128Engine Complex64Engine DatetimeEngine "
    "ExtensionEngine Float32Engine Float64Engine IndexEngine Int16Engine Int32Engine Int64Engine Int8Engine "
    "ObjectEngine PeriodEngine StringEngine StringObjectEngine TimedeltaEngine UInt16Engine UInt32Engine "
    "UInt64Engine UInt8Engine",
    "re": "Pattern",
    "sklearn.metrics._plot.confusion_matrix": "ConfusionMatrixDisplay",
    "sklearn.metrics._plot.precision_recall_curve": "PrecisionRecallDisplay",
    "sklearn.metrics._plot.regression": "PredictionErrorDisplay",
    "sklearn.metrics._plot.roc_curve": "RocCurveDisplay",
    "pandas._libs.missing": "NA",
    "torch.nn.parameter": "Buffer Parameter",
    "torch.storage": "TypedStorage UntypedStorage",
}
OLDER: dict[str, str] = {
    "sklearn.ensemble._gb_losses": "BinomialDeviance ExponentialLoss HuberLossFunction LeastAbsoluteError "
    "LeastSquaresError MultinomialDeviance QuantileLossFunction",
    "sklearn.model_selection._classification_threshold": "_CurveScorer",
    "sklearn.linear_model._sgd_fast": "Classification EpsilonInsensitive Hinge Huber Log LossFunction ModifiedHuber "
    "Regression SquaredEpsilonInsensitive SquaredHinge SquaredLoss",
}
"""Names that older versions of the libraries wrote and that moved since."""
