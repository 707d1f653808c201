"""Static files as production serves them: named after their content, compressed, cached for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class AssetStorage(CompressedManifestStaticFilesStorage):
    """Scripts import each other by their hashed names too."""

    support_js_module_import_aggregation = True
