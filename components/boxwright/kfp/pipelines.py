"""The graphs of `pipelines/`, as parts of a larger pipeline: `from boxwright.kfp.pipelines import finetune`.

They need the package kfp-kubernetes beside kfp (`pip install "kfp[kubernetes]"`).
"""

from boxwright import graphs

finetune = graphs.load("finetune")
diagnose = graphs.load("diagnose")
