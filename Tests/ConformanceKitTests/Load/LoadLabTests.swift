import Glibc
import Testing

@testable import ConformanceKit

@Suite struct DeliveryLedgerTests {
    private func ledger(_ numbers: [Int]) -> DeliveryLedger {
        var ledger = DeliveryLedger()
        for number in numbers { ledger.take(number) }
        return ledger
    }

    @Test func whatComesOnceAndInOrderIsRight() {
        let ledger = self.ledger(Array(1...1000))
        #expect(ledger.delivered == 1000)
        #expect(ledger.duplicates + ledger.reordered + ledger.missed + ledger.foreign == 0)
    }

    @Test(arguments: [
        ([1, 2, 2, 3], 3, 1, 0, 0), ([1, 3, 2, 4], 4, 0, 1, 0), ([1, 4], 2, 0, 0, 2), ([2, 1, 1], 2, 1, 1, 0),
        ([5], 1, 0, 0, 4), ([3, 1, 2, 3], 3, 1, 2, 0),
    ])
    func everyMistakeIsCounted(
        numbers: [Int], delivered: Int, duplicates: Int, reordered: Int, missed: Int
    ) {
        let ledger = self.ledger(numbers)
        #expect(ledger.delivered == delivered)
        #expect(ledger.duplicates == duplicates)
        #expect(ledger.reordered == reordered)
        #expect(ledger.missed == missed)
    }
}

@Suite struct LoadMarkTests {
    private func found(_ text: String, mark: LoadMark = LoadMark("gq1-")) -> [[Int]] {
        var found: [[Int]] = []
        let any = Array(text.utf8).withUnsafeBufferPointer { bytes in mark.find(in: bytes) { found.append([$0, $1]) } }
        #expect(any == !found.isEmpty)
        return found
    }

    @Test func aNonceIsFoundWhereverItStands() {
        let mark = LoadMark()
        #expect(self.found("{\"a\":\"\(mark.nonce(topic: 12, number: 401))\"}", mark: mark) == [[12, 401]])
        #expect(self.found("gq1-0-1") == [[0, 1]])
        #expect(self.found("xgq1-3-4gq1-5-6") == [[3, 4], [5, 6]])
        #expect(self.found("ggq1-7-8") == [[7, 8]])
    }

    @Test(arguments: ["", "gq1-", "gq1-1", "gq1-1-", "gq2-1-1", "gq1--1", "gq1-x-1"])
    func whatIsNoneIsNotFound(text: String) {
        #expect(self.found(text).isEmpty)
    }
}

@Suite struct DescriptorLimitTests {
    @Test func whatIsAllowedIsLeftAsItIs() throws {
        var before = rlimit()
        var after = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &before)
        try DescriptorLimit.raise(to: 10)
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &after)
        #expect(before.rlim_cur == after.rlim_cur && before.rlim_max == after.rlim_max)
    }

    @Test func whatNobodyMayHaveIsSaidInASentence() {
        // More than the kernel lets anybody have, also a privileged process.
        #expect {
            try DescriptorLimit.raise(to: 1 << 40)
        } throws: { error in
            (error as? HarnessError)?.message.contains("descriptors are needed, and this process may have") == true
        }
    }
}
