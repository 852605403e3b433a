"""The TensorFlow operations that a foreign graph may have: those that compute. A graph with any other is not run.

Others read and write files, open connections, call Python or print. `RestoreV2` and its helpers are in every SavedModel; they
read the variables. The process that runs the graph cannot write to a file (core/foreign_files/child_process).
"""

from collections.abc import Iterable

_ARRAYS = """
BatchToSpace BatchToSpaceND BroadcastArgs BroadcastTo Concat ConcatV2 Const DepthToSpace EnsureShape ExpandDims Fill Gather
GatherNd GatherV2 Identity IdentityN InvertPermutation LinSpace MirrorPad OneHot OnesLike Pack Pad PadV2 ParallelConcat
Placeholder PlaceholderWithDefault PreventGradient Range Rank Reshape ResourceGather Reverse ReverseSequence ReverseV2 ScatterNd
Shape ShapeN Size Slice Snapshot SpaceToBatch SpaceToBatchND SpaceToDepth Split SplitV Squeeze StopGradient StridedSlice
TensorScatterUpdate TensorScatterAdd Tile Transpose Unique UniqueV2 Unpack Where ZerosLike Bitcast Cast CheckNumerics NoOp Stack
StackV2 StackPushV2 StackPopV2 StackCloseV2 DynamicPartition DynamicStitch Roll MatrixBandPart Diag DiagPart
"""
_MATHS = """
Abs Add AddN AddV2 All Any ApproximateEqual ArgMax ArgMin BatchMatMul BatchMatMulV2 BatchMatMulV3 BiasAdd Bincount Ceil
ClipByValue Cos Cumsum Div DivNoNan Einsum Elu Equal Erf Exp Expm1 Floor FloorDiv FloorMod Greater GreaterEqual Inv IsFinite IsInf
IsNan L2Loss LeakyRelu Less LessEqual Log Log1p LogSoftmax LogicalAnd LogicalNot LogicalOr MatMul Max Maximum Mean Min Minimum Mod
Mul MulNoNan Neg NotEqual Pow Prod RealDiv Reciprocal Relu Relu6 Rint Round Rsqrt Select SelectV2 Selu Sigmoid Sign Sin Softmax
Softplus Softsign Sqrt Square SquaredDifference Sub Sum Tan Tanh TopK TopKV2 TruncateDiv TruncateMod UnsortedSegmentSum SegmentSum
UnsortedSegmentMax Xdivy
"""
_NETWORKS = """
AvgPool AvgPoolV2 AvgPool3D Conv2D Conv2DBackpropInput Conv3D DepthwiseConv2dNative FusedBatchNorm FusedBatchNormV2
FakeQuantWithMinMaxArgs FakeQuantWithMinMaxVars FakeQuantWithMinMaxVarsPerChannel LRN MaxPool MaxPoolV2 QuantizeAndDequantize
QuantizeAndDequantizeV2 QuantizeAndDequantizeV3 QuantizeAndDequantizeV4 Dequantize QuantizeV2 ExtractImagePatches Dilation2D
BatchNormWithGlobalNormalization FusedBatchNormV3
"""
_IMAGES = """
AdjustContrastv2 CombinedNonMaxSuppression CropAndResize DecodeAndCropJpeg DecodeImage DecodeJpeg DecodePng
ImageProjectiveTransformV2
NonMaxSuppression NonMaxSuppressionV2 NonMaxSuppressionV3 NonMaxSuppressionV4 NonMaxSuppressionV5 NonMaxSuppressionWithOverlaps
ResizeArea ResizeBicubic ResizeBilinear ResizeNearestNeighbor ScaleAndTranslate DecodeRaw RGBToHSV HSVToRGB
"""
_CONTROL = """
Assert Enter Exit If LoopCond Merge NextIteration PartitionedCall RefEnter RefExit RefMerge RefNextIteration RefSwitch StatelessIf
StatelessWhile StatefulPartitionedCall Switch While ControlTrigger Case StatelessCase
TensorArray TensorArrayCloseV3 TensorArrayConcatV3 TensorArrayGatherV3 TensorArrayGradV3 TensorArrayReadV3 TensorArrayScatterV3
TensorArraySizeV3 TensorArraySplitV3 TensorArrayV3 TensorArrayWriteV3 EmptyTensorList TensorListConcat TensorListConcatV2
TensorListElementShape TensorListFromTensor TensorListGather TensorListGetItem TensorListLength TensorListPopBack
TensorListPushBack
TensorListReserve TensorListResize TensorListScatter TensorListScatterV2 TensorListSetItem TensorListSplit TensorListStack
"""
_VARIABLES = """
Assign AssignVariableOp IsVariableInitialized MergeV2Checkpoints ReadVariableOp RestoreV2 SaveV2 ShardedFilename StringJoin
VarHandleOp VarIsInitializedOp Variable VariableV2 VariableShape DisableCopyOnRead
StaticRegexFullMatch StaticRegexReplace RegexFullMatch StringToHashBucketFast RandomUniform RandomStandardNormal TruncatedNormal
"""
ALLOWED = frozenset(" ".join((_ARRAYS, _MATHS, _NETWORKS, _IMAGES, _CONTROL, _VARIABLES)).split())


def not_allowed(operations: Iterable[str]) -> list[str]:
    """The operations that are not allowed, sorted."""
    return sorted(set(operations) - ALLOWED)
