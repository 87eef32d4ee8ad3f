// Calibration texts: written for this purpose, to look like what people index and ask. They vary
// language, script, naming style, layout and length; whether they are sensible programs does not
// matter. Measured beside other texts, their choice changes the quantised model's cosine to f32 by
// less than the differences between evaluation texts.
#include "model/calibration_texts.h"

#include <array>

namespace coderank {
namespace {

constexpr auto kTexts = std::to_array<std::string_view>({
    // --- programming languages ---
    R"text(def rolling_median(values, window=5):
    """Median of the last `window` values, one result for each input."""
    recent = collections.deque(maxlen=window)
    for value in values:
        recent.append(float(value))
        ordered = sorted(recent)
        middle = len(ordered) // 2
        yield ordered[middle] if len(ordered) % 2 else 0.5 * (ordered[middle - 1] + ordered[middle])
)text",
    R"text(class TokenBucket:
    def __init__(self, rate: float, burst: int) -> None:
        self._rate, self._burst = rate, burst
        self._level, self._updated = float(burst), time.monotonic()

    async def acquire(self, amount: int = 1) -> None:
        while not self._try_take(amount):
            await asyncio.sleep(amount / self._rate)
        logger.debug("granted %d of %d tokens", amount, self._burst)
)text",
    R"text(// RingBuffer drops the oldest record when it is full.
type RingBuffer struct {
	mu    sync.Mutex
	items []Record
	head  int
}

func (b *RingBuffer) Push(r Record) error {
	if r.Timestamp.IsZero() {
		return fmt.Errorf("ring buffer: record %q has no timestamp", r.ID)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.items[b.head%len(b.items)] = r
	b.head++
	return nil
}
)text",
    R"text(#include <linux/module.h>

static int parse_mac(const char *text, unsigned char out[6])
{
	for (int i = 0; i < 6; i++) {
		if (sscanf(text + 3 * i, "%2hhx", &out[i]) != 1)
			return -EINVAL;
	}
	return is_valid_ether_addr(out) ? 0 : -EADDRNOTAVAIL;
}
/* 0xFF:0xFF:0xFF:0xFF:0xFF:0xFF is the broadcast address */
)text",
    R"text(template <typename Key, typename Value, size_t kWays = 4>
class SetAssociativeCache {
 public:
  std::optional<Value> Find(const Key& key) const noexcept {
    const auto& set = sets_[std::hash<Key>{}(key) & (sets_.size() - 1)];
    for (const Entry& entry : set) {
      if (entry.valid && entry.key == key) return entry.value;
    }
    return std::nullopt;
  }

 private:
  std::vector<std::array<Entry, kWays>> sets_;
};
)text",
    R"text(impl<'a> Iterator for FrameReader<'a> {
    type Item = Result<Frame<'a>, ParseError>;

    fn next(&mut self) -> Option<Self::Item> {
        let (header, rest) = self.bytes.split_first_chunk::<4>()?;
        let length = u32::from_be_bytes(*header) as usize;
        if rest.len() < length {
            return Some(Err(ParseError::Truncated { expected: length, found: rest.len() }));
        }
        self.bytes = &rest[length..];
        Some(Frame::decode(&rest[..length]))
    }
}
)text",
    R"text(package org.example.billing;

@Service
public final class InvoiceNumbering {
    private final InvoiceRepository repository;

    @Transactional(isolation = Isolation.SERIALIZABLE)
    public InvoiceNumber nextFor(Customer customer, Year year) {
        Objects.requireNonNull(customer, "customer must not be null");
        long last = repository.findHighest(customer.getId(), year).orElse(0L);
        return new InvoiceNumber(year, last + 1);
    }
}
)text",
    R"text(sealed interface UiState<out T> {
    data object Loading : UiState<Nothing>
    data class Ready<T>(val items: List<T>, val refreshedAt: Instant) : UiState<T>
}

fun Flow<Page>.asUiState(): Flow<UiState<Article>> =
    map { page -> UiState.Ready(page.articles.filterNot { it.isDraft }, Clock.System.now()) }
        .catch { cause -> Timber.w(cause, "could not load page") }
)text",
    R"text(public async Task<IReadOnlyList<OrderDto>> GetOpenOrdersAsync(Guid tenantId, CancellationToken ct)
{
    await using var connection = await _factory.OpenAsync(ct).ConfigureAwait(false);
    const string sql = "select id, total from orders where tenant_id = @tenantId and closed_at is null";
    var rows = await connection.QueryAsync<OrderRow>(sql, new { tenantId });
    return rows.Select(r => new OrderDto(r.Id, Money.FromCents(r.Total))).ToList();
}
)text",
    R"text(export function debounce(fn, delayMs = 250) {
  let timer = null;
  return function debounced(...args) {
    clearTimeout(timer);
    timer = setTimeout(() => {
      timer = null;
      fn.apply(this, args);
    }, delayMs);
  };
}

document.querySelector('#search').addEventListener('input', debounce(e => render(e.target.value)));
)text",
    R"text(type DeepPartial<T> = { [K in keyof T]?: T[K] extends object ? DeepPartial<T[K]> : T[K] };

export const mergeSettings = <T extends object>(base: T, patch: DeepPartial<T>): T => {
  const merged: any = { ...base };
  for (const key of Object.keys(patch) as (keyof T)[]) {
    const value = patch[key];
    merged[key] = isPlainObject(value) ? mergeSettings(base[key] as any, value as any) : value ?? base[key];
  }
  return merged;
};
)text",
    R"text(import { useEffect, useState } from 'react';

export default function CartBadge({ userId, onClick }: Props) {
  const [count, setCount] = useState<number>(0);
  useEffect(() => subscribeToCart(userId, cart => setCount(cart.lines.length)), [userId]);
  return <button className="cart-badge" aria-label={`${count} items`} onClick={onClick}>{count}</button>;
}
)text",
    R"text(module Searchable
  extend ActiveSupport::Concern

  included do
    scope :matching, ->(term) { where("title ILIKE ?", "%#{sanitize_sql_like(term)}%") }
    before_save :normalize_title, if: :title_changed?
  end

  def normalize_title
    self.title = title.to_s.strip.squeeze(" ")
  end
end
)text",
    R"text(<?php
declare(strict_types=1);

final class CsrfMiddleware implements MiddlewareInterface
{
    public function process(ServerRequestInterface $request, RequestHandlerInterface $next): ResponseInterface
    {
        $token = $request->getParsedBody()['_token'] ?? '';
        if (!hash_equals($this->session->get('csrf'), $token)) {
            throw new HttpException(419, 'The form has expired, please reload the page.');
        }
        return $next->handle($request);
    }
}
)text",
    R"text(struct ThumbnailLoader {
    let cache: NSCache<NSURL, UIImage>
    var session: URLSession = .shared

    func image(at url: URL, side: CGFloat) async throws -> UIImage {
        if let hit = cache.object(forKey: url as NSURL) { return hit }
        let (data, _) = try await session.data(from: url)
        guard let full = UIImage(data: data) else { throw LoaderError.notAnImage }
        return full.preparingThumbnail(of: CGSize(width: side, height: side)) ?? full
    }
}
)text",
    R"text(object Histogram {
  def apply(samples: Seq[Double], bins: Int): Map[Int, Int] = {
    val (low, high) = (samples.min, samples.max)
    val width = math.max((high - low) / bins, Double.MinPositiveValue)
    samples.groupBy(x => ((x - low) / width).toInt.min(bins - 1)).view.mapValues(_.size).toMap
  }
}
)text",
    R"text(-- | Breadth-first search; the path includes both ends.
shortestPath :: Ord a => (a -> [a]) -> a -> a -> Maybe [a]
shortestPath next start goal = go (Seq.singleton [start]) (Set.singleton start)
  where
    go queue seen = case Seq.viewl queue of
      Seq.EmptyL -> Nothing
      (path@(x : _)) Seq.:< rest
        | x == goal -> Just (reverse path)
        | otherwise ->
            let new = filter (`Set.notMember` seen) (next x)
             in go (rest <> Seq.fromList (map (: path) new)) (foldr Set.insert seen new)
)text",
    R"text(local M = {}

function M.set_timeout(callback, ms)
  local timer = vim.loop.new_timer()
  timer:start(ms, 0, vim.schedule_wrap(function()
    timer:close()
    callback()
  end))
  return timer
end

M.defaults = { prompt_prefix = "> ", layout = { width = 0.8, height = 0.6 }, border = nil }
return M
)text",
    R"text(#!/usr/bin/env bash
set -euo pipefail

backup_dir="${BACKUP_DIR:-/var/backups/app}"
stamp=$(date -u +%Y%m%dT%H%M%SZ)
mkdir -p "$backup_dir"
for db in $(psql -Atc 'SELECT datname FROM pg_database WHERE NOT datistemplate'); do
  pg_dump -Fc "$db" > "$backup_dir/$db-$stamp.dump" || { echo "dump of $db failed" >&2; exit 1; }
done
find "$backup_dir" -name '*.dump' -mtime +14 -delete
)text",
    R"text(CREATE TABLE IF NOT EXISTS shipments (
  id           BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  order_id     BIGINT NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
  carrier      TEXT CHECK (carrier IN ('dhl', 'ups', 'post')),
  dispatched   TIMESTAMPTZ DEFAULT now()
);
SELECT carrier, count(*) AS parcels, avg(extract(epoch FROM delivered - dispatched)) / 3600 AS hours
FROM shipments GROUP BY carrier HAVING count(*) > 10 ORDER BY hours DESC;
)text",
    R"text(sub read_fasta {
    my ($path) = @_;
    open my $fh, '<', $path or die "cannot open $path: $!";
    my (%seq, $name);
    while (my $line = <$fh>) {
        chomp $line;
        if ($line =~ /^>(\S+)/) { $name = $1; next }
        $seq{$name} .= uc $line;
    }
    return \%seq;
}
)text",
    R"text(fit <- glm(survived ~ age + factor(pclass) * sex, data = passengers, family = binomial)
summary(fit)$coefficients |>
  as.data.frame() |>
  subset(`Pr(>|z|)` < 0.05)
plot(density(residuals(fit)), main = "Residuals", xlab = "deviance")
)text",
    R"text(defmodule Metrics.Collector do
  use GenServer

  def start_link(opts), do: GenServer.start_link(__MODULE__, opts, name: __MODULE__)

  @impl true
  def handle_cast({:increment, key, by}, state) do
    {:noreply, Map.update(state, key, by, &(&1 + by))}
  end
end
)text",
    R"text(let rec insert cmp x = function
  | Leaf -> Node (Leaf, x, Leaf)
  | Node (l, y, r) as t ->
    let c = cmp x y in
    if c = 0 then t else if c < 0 then Node (insert cmp x l, y, r) else Node (l, y, insert cmp x r)
)text",
    R"text((defn retry
  "Calls f until it returns without throwing, at most n times."
  [n f]
  (loop [left n]
    (let [[ok value] (try [true (f)] (catch Exception e [false e]))]
      (cond ok value
            (pos? left) (do (Thread/sleep 100) (recur (dec left)))
            :else (throw value)))))
)text",
    R"text(class _ProfilePageState extends State<ProfilePage> {
  late final Future<Profile> _profile = widget.api.fetchProfile(widget.userId);

  @override
  Widget build(BuildContext context) => FutureBuilder<Profile>(
        future: _profile,
        builder: (context, snapshot) => snapshot.hasData
            ? ProfileCard(profile: snapshot.data!)
            : const Center(child: CircularProgressIndicator()),
      );
}
)text",
    R"text(pub fn encodeVarint(writer: anytype, value: u64) !usize {
    var rest = value;
    var written: usize = 1;
    while (rest >= 0x80) : (written += 1) {
        try writer.writeByte(@truncate(rest | 0x80));
        rest >>= 7;
    }
    try writer.writeByte(@intCast(rest));
    return written;
}
)text",
    R"text(memcpy_words:
        pushq   %rbp
        movq    %rsp, %rbp
        xorl    %eax, %eax
.Lloop: movq    (%rsi,%rax,8), %rcx
        movq    %rcx, (%rdi,%rax,8)
        incq    %rax
        cmpq    %rdx, %rax
        jb      .Lloop
        popq    %rbp
        ret
)text",
    R"text(function [x, residual] = conjugate_gradient(A, b, tol)
  x = zeros(size(b)); r = b - A * x; p = r;
  while norm(r) > tol
    alpha = (r' * r) / (p' * A * p);
    x = x + alpha * p;
    r_new = r - alpha * A * p;
    p = r_new + (r_new' * r_new) / (r' * r) * p; r = r_new;
  end
  residual = norm(r);
end
)text",
    R"text(module counter #(parameter WIDTH = 8) (
  input  wire clk, input wire rst_n, input wire enable,
  output reg [WIDTH-1:0] q
);
  always @(posedge clk or negedge rst_n)
    if (!rst_n) q <= {WIDTH{1'b0}};
    else if (enable) q <= q + 1'b1;
endmodule
)text",
    // --- tests, macros, generated and dense code ---
    R"text(TEST_F(SchedulerTest, RunsEarlierDeadlineFirst) {
  scheduler_.Add(Task{"late", deadline_ + 5s});
  scheduler_.Add(Task{"early", deadline_});
  EXPECT_THAT(scheduler_.Drain(), ElementsAre("early", "late"));
  ASSERT_EQ(scheduler_.size(), 0u) << "drained tasks must leave the queue";
}
)text",
    R"text(@pytest.mark.parametrize("raw, expected", [("1h30m", 5400), ("45s", 45), ("2d", 172_800)])
def test_parse_duration(raw, expected):
    assert parse_duration(raw) == expected

def test_parse_duration_rejects_garbage():
    with pytest.raises(ValueError, match="unknown unit"):
        parse_duration("10 parsecs")
)text",
    R"text(#define FOREACH_COLOR(X) X(RED, 0xff0000) X(GREEN, 0x00ff00) X(BLUE, 0x0000ff)
#define AS_ENUM(name, value) COLOR_##name = value,
enum color { FOREACH_COLOR(AS_ENUM) COLOR_MAX };
static const uint8_t kSbox[16] = {0x63, 0x7c, 0x77, 0x7b, 0xf2, 0x6b, 0x6f, 0xc5,
                                  0x30, 0x01, 0x67, 0x2b, 0xfe, 0xd7, 0xab, 0x76};
)text",
    R"text(!function(e,t){"object"==typeof exports?module.exports=t():e.Slider=t()}(this,function(){var n=0,
r=[];return{add:function(i){r.push(i);return n++},get:function(i){return r[i]||null}}});
)text",
    R"text(/**
 * Copyright (c) the authors. All rights reserved.
 *
 * Licensed under the terms found in the LICENSE file in the root folder. Distributed WITHOUT ANY
 * WARRANTY; without even the implied warranty of fitness for a particular purpose.
 *
 * @param handle  an open device, owned by the caller
 * @returns       the number of bytes written, or a negative error code
 * @deprecated    since 4.2, use device_write_all() instead
 */
)text",
    R"text(Traceback (most recent call last):
  File "manage.py", line 22, in <module>
    main()
  File "shop/checkout.py", line 118, in apply_voucher
    discount = vouchers[code].percent / 100
KeyError: 'SUMMER-25'
)text",
    R"text(--- a/src/net/retry.c
+++ b/src/net/retry.c
@@ -41,7 +41,9 @@ static int next_delay(struct retry *r)
-	return r->base << r->attempt;
+	unsigned delay = r->base << min(r->attempt, 6);
+
+	return delay / 2 + random_below(delay / 2 + 1);
 }
)text",
    // --- data and configuration ---
    R"text({"name": "weather-station", "version": "2.4.0", "private": true,
 "scripts": {"build": "tsc -p .", "test": "vitest run", "lint": "eslint src --ext .ts"},
 "dependencies": {"mqtt": "^5.1.2", "zod": "~3.22.0"},
 "sensors": [{"id": 17, "kind": "hygrometer", "offset": -0.35, "enabled": true}, null]}
)text",
    R"text(apiVersion: apps/v1
kind: Deployment
metadata:
  name: image-resizer
  labels: {app: resizer, tier: backend}
spec:
  replicas: 3
  template:
    spec:
      containers:
        - name: worker
          image: "registry.example.com/resizer:1.9"
          resources:
            limits: {memory: 512Mi, cpu: "1"}
          readinessProbe: {httpGet: {path: /healthz, port: 8080}, periodSeconds: 5}
)text",
    R"text([package]
name = "tide-tables"
edition = "2021"
rust-version = "1.74"

[dependencies]
chrono = { version = "0.4", default-features = false, features = ["std"] }

[profile.release]
lto = "thin"
codegen-units = 1
)text",
    R"text(FROM debian:bookworm-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends cmake g++ && rm -rf /var/lib/apt/lists/*
COPY . /src
RUN cmake -S /src -B /build -DCMAKE_BUILD_TYPE=Release && cmake --build /build -j4
ENTRYPOINT ["/build/bin/server", "--listen", "0.0.0.0:9000"]
)text",
    R"text(find_package(ZLIB 1.2.11 REQUIRED)
add_library(archive STATIC reader.cc writer.cc)
target_compile_features(archive PUBLIC cxx_std_20)
target_link_libraries(archive PRIVATE ZLIB::ZLIB)
if(BUILD_TESTING)
  add_test(NAME archive_roundtrip COMMAND archive_test --quick)
endif()
)text",
    R"text(<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Sign in</title><link rel="stylesheet" href="/static/main.css"></head>
<body><form action="/session" method="post"><input type="email" name="user" required autofocus>
<button type="submit" class="btn btn-primary">Continue &rarr;</button></form></body></html>
)text",
    R"text(.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(12rem, 1fr)); gap: 1.5em; }
.grid > .card:hover { transform: translateY(-2px); box-shadow: 0 4px 12px rgba(0, 0, 0, .15); }
@media (prefers-color-scheme: dark) { :root { --fg: #e8e8e8; --bg: #16181d; } }
)text",
    R"text(syntax = "proto3";
package inventory.v1;

service Stock {
  rpc Reserve(ReserveRequest) returns (ReserveReply);
}
message ReserveRequest {
  string sku = 1;
  uint32 quantity = 2;
  map<string, string> labels = 7;
}
)text",
    R"text(2031-04-17T08:12:55.104Z WARN  [pool-3] c.e.Gateway - upstream 10.4.0.12:8443 timed out after 3000 ms
2031-04-17T08:12:55.871Z ERROR [pool-3] c.e.Gateway - giving up on request 5f0c-91ab, 3 attempts
date,city,min_c,max_c,rain_mm
2031-04-17,Bergen,4.1,9.8,12.6
2031-04-18,Bergen,3.7,11.2,0.0
)text",
    // --- prose ---
    R"text(# Getting started

Install the command with your package manager, then create a project:

```sh
kite new hello && cd hello && kite run
```

- **Hot reload** watches the `src/` folder.
- See [Deployment](docs/deploy.md) for *production* settings.

| flag | default | meaning |
|------|---------|---------|
| `--port` | 3000 | where to listen |
)text",
    R"text(The scheduler keeps one queue for each priority and serves the highest that is not empty. To keep
low priorities from starving, a task's effective priority rises by one for every second it waits.
Ties are broken by arrival, which makes runs reproducible and the tests simple.
)text",
    R"text(Most of the memory was not where we had looked for it. The profiler showed that half of the heap
held strings which differed only in their trailing white space, and interning them brought the
process from nine gigabytes down to five without any change to the algorithm.
)text",
    R"text(Changed in 3.1: `connect()` now raises TimeoutError instead of returning None. Fixed a race between
close() and a pending read (issue 412). Removed the long deprecated XML backend.
)text",
    R"text(Yesterday it rained in the valley, so the children stayed in the library and read old sailing
stories until their grandmother came to fetch them for dinner.
)text",
    // --- other scripts ---
    R"text(// Größe des Puffers prüfen, bevor geschrieben wird (siehe Ticket Nº 88)
if (größe > MAX_GRÖSSE) throw new Error(`Datei "${name}" ist zu groß: ${größe} Bytes`);
)text",
    R"text(# 计算两个日期之间的工作日数量,不包括节假日
def 工作日(开始, 结束, 节假日=()):
    return sum(1 for d in 日期范围(开始, 结束) if d.weekday() < 5 and d not in 节假日)
)text",
    R"text(/* Возвращает ближайший узел дерева или NULL, если дерево пустое. */
// ユーザーの設定を読み込み、存在しない場合は既定値を返す
print("✅ done — 100 % · naïve café, ¿qué tal?  مرحبا  🚀")
)text",
    // --- queries ---
    "where are HTTP redirects followed and limited",
    "how does the parser recover from a syntax error?",
    "function that computes the checksum of a file in chunks",
    "Represent this query for searching relevant code: retry with exponential backoff and jitter",
    "getUserById",
    "LRU cache eviction",
    "convert snake_case names to CamelCase",
    "validate e-mail address regular expression",
    "thread pool that waits for all tasks to finish before shutting down",
    "what happens when the configuration file is missing or unreadable",
    "parse_http_header_line()",
    "sort",
});

}  // namespace

std::span<const std::string_view> CalibrationTexts() { return kTexts; }

}  // namespace coderank
