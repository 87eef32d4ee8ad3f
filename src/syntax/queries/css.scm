; Rules of CSS by their selectors, animations, and blocks that hold rules.
(comment) @attached

(rule_set (selectors) @name) @definition.rule
(media_statement . (_) @name (block) @body) @container.media
(supports_statement . (_) @name (block) @body) @container.supports
(keyframes_statement (keyframes_name) @name) @definition.keyframes
