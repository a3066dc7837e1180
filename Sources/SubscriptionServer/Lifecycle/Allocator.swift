import Glibc

/// What glibc's allocator can be told, though its Swift module does not show how. Where the allocator is another, nothing is done.
package enum Allocator {
    private static let trimming = dlsym(nil, "malloc_trim").map {
        unsafeBitCast($0, to: (@convention(c) (Int) -> Int32).self)
    }

    /// Gives every page back to the system that holds nothing. Takes some milliseconds.
    static func trim() { _ = self.trimming?(0) }

    /// At most so many heaps for all threads together, instead of eight for each processor: what connections leave behind
    /// is spread over fewer pages. Has to be called before there are threads.
    package static func limitHeaps(to count: Int) {
        let heaps: Int32 = -8  // M_ARENA_MAX of <malloc.h>
        guard let option = dlsym(nil, "mallopt") else { return }
        _ = unsafeBitCast(option, to: (@convention(c) (Int32, Int32) -> Int32).self)(heaps, Int32(clamping: count))
    }

    /// What glibc keeps at hand for the calling thread, up to seven blocks of each size from 24 to 1,032 bytes. Each of
    /// them holds its page back, and only this thread can take them from there.
    static func cachedBlocks() -> [UInt] {
        stride(from: 24, through: 1032, by: 16).flatMap { size in
            (0..<7).compactMap { _ in malloc(size).map { UInt(bitPattern: $0) } }
        }
    }

    /// Frees what `cachedBlocks()` of other threads has taken, by a thread that ends with it: any other would keep them
    /// at hand for itself. Returns when it has ended.
    static func free(_ blocks: [UInt]) {
        var thread = pthread_t()
        let work = Unmanaged.passRetained(Boxed(blocks))
        let code = pthread_create(
            &thread, nil,
            { work in
                guard let work else { return nil }
                for block in Unmanaged<Boxed<[UInt]>>.fromOpaque(work).takeRetainedValue().value {
                    Glibc.free(UnsafeMutableRawPointer(bitPattern: block))
                }
                return nil
            }, work.toOpaque())
        if code == 0 {
            pthread_join(thread, nil)
        } else {
            for block in work.takeRetainedValue().value { Glibc.free(UnsafeMutableRawPointer(bitPattern: block)) }
        }
    }
}
